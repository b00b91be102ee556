//! The id of the new call, from the `Location` of the response.

use crate::transfer::id;

/// The last segment of `…/v1/users/{user_id}/calls/{id}`, absolute or relative.
///
/// The host isn't compared (gateways rewrite it) and nothing is ever sent there; but a path that
/// is not this user's calls names no call of ours.
pub(crate) fn call_id(location: &str, user_id: &str) -> Option<String> {
    // Query and fragment name no call.
    let location = location.split(['?', '#']).next().unwrap_or_default();
    let path = match location.split_once("://") {
        Some((_, rest)) => rest.find('/').map(|end| &rest[end..])?,
        None => location,
    };
    let (calls, call_id) = path.rsplit_once('/')?;
    let prefix = calls
        .strip_suffix("/calls")?
        .strip_suffix(user_id)?
        .strip_suffix("/v1/users/")?;
    // A base URL may have a path of its own, but the ID must not lead out of it.
    let climbs = prefix
        .split('/')
        .any(|segment| segment == "." || segment == "..");
    (id::is_id(call_id) && !climbs).then(|| call_id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_segment_of_a_users_call_is_the_id() {
        for location in [
            "http://127.0.0.1:8080/v1/users/u-1/calls/c-9",
            "https://api.example.com/v1/users/u-1/calls/c-9",
            "https://gateway.example.com/catapult/v1/users/u-1/calls/c-9",
            "/v1/users/u-1/calls/c-9",
            "//host/v1/users/u-1/calls/c-9",
            "/v1/users/u-1/calls/c-9?x=1",
            "/v1/users/u-1/calls/c-9#top",
            "http://host/v1/users/u-1/calls/c-9?x=1/2#f/3",
            "/v1/users/u-1/calls/c-9?at=http://host/v1/users/u-2/calls/c-8",
        ] {
            assert_eq!(
                call_id(location, "u-1").as_deref(),
                Some("c-9"),
                "{location}"
            );
        }
    }

    #[test]
    fn location_that_is_not_a_call_of_the_user_has_no_id() {
        for location in [
            "",
            "c-9",
            "/calls/c-9",
            "http://host",
            "/v1/users/u-2/calls/c-9",
            "/v1/users/xu-1/calls/c-9",
            "/v1/users/u-1/calls/",
            "/v1/users/u-1/calls/..",
            "/v1/users/u-1/calls/../../x",
            "/v1/users/u-1/calls/c-9/audio",
            "/v1/users/u-1/calls?/c-9",
            "/v1/users/u-1/calls/?x=/c-9",
            "/v1/users/u-1/calls/c%2F9",
            "/x?/v1/users/u-1/calls/c-9",
            "/../v1/users/u-1/calls/c-9",
            "http://host?/v1/users/u-1/calls/c-9",
        ] {
            assert_eq!(call_id(location, "u-1"), None, "{location}");
        }
    }
}
