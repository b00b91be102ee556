//! Where a run lives: a file, or a database given by URL.

use std::fmt;
use std::path::PathBuf;

use crate::error::{Error, ErrorKind};

/// A message may repeat it.
const LONGEST: usize = 4_096;

/// The place of a run. `Display` shows no password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    File(PathBuf),
    Postgres(String),
}

impl Place {
    /// A URL that begins with `postgresql://` or `postgres://`; anything else is a path.
    pub(crate) fn parse(place: &str) -> Result<Self, Error> {
        if place.is_empty() {
            let message = "run: must not be empty; expected a path or a postgresql:// URL";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        if place.len() > LONGEST {
            let message = format!(
                "run: must be at most {LONGEST} bytes long, got {}",
                place.len()
            );
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        if place.starts_with("postgresql://") || place.starts_with("postgres://") {
            return Ok(Self::Postgres(place.to_owned()));
        }
        if let Some((scheme, _)) = place.split_once("://") {
            let shown: String = scheme.chars().take(20).collect();
            let message = format!(
                "run: \"{shown}://\" is not supported; expected a path or a postgresql:// URL"
            );
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(Self::File(PathBuf::from(place)))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => {
                // User and password stand before the last @, parameters behind the first ?.
                let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
                let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                let rest = rest.split_once('?').map_or(rest, |(host, _)| host);
                write!(f, "postgresql://{rest}")
            }
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_of_a_url_is_not_shown() {
        let shown = |url: &str| Place::parse(url).map(|place| place.to_string()).ok();
        let expected = Some("postgresql://db.example.com/runs".to_owned());
        assert_eq!(
            shown("postgres://u:p@ss@db.example.com/runs?password=x"),
            expected
        );
        assert_eq!(shown("evac.db").as_deref(), Some("evac.db"));
        assert_eq!(shown(""), None);
        assert_eq!(shown("mysql://x"), None);
        assert_eq!(shown(&"x".repeat(LONGEST + 1)), None);
    }
}
