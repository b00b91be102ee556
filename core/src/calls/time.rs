//! Times in a query: ISO 8601, as the platform reads them. Only their form is checked, not whether
//! the day exists.

use crate::error::InvalidArgument;
use crate::redact;

/// A date, or a date and a time with its zone.
pub(super) fn check(field: &'static str, text: &str) -> Result<(), InvalidArgument> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    if has_form(date, "dddd-dd-dd") && time.is_none_or(is_time) {
        return Ok(());
    }
    let shown = redact::text_with_numbers(text);
    let allowed = "expected ISO 8601, as 2026-01-31 or 2026-01-31T08:00:00Z";
    Err(InvalidArgument::new(
        field,
        format!("\"{shown}\" is not a valid time; {allowed}"),
    ))
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`, each with `Z`, `+hh:mm` or `-hh:mm`.
fn is_time(text: &str) -> bool {
    let Some(zone) = text.find(['Z', '+', '-']) else {
        return false;
    };
    let (time, zone) = text.split_at(zone);
    let (time, fraction) = match time.split_once('.') {
        Some((time, fraction)) => (time, Some(fraction)),
        None => (time, None),
    };
    let is_fraction = |text: &str| {
        (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_zone = zone == "Z" || has_form(zone.get(1..).unwrap_or_default(), "dd:dd");
    is_zone
        && match fraction {
            Some(fraction) => has_form(time, "dd:dd:dd") && is_fraction(fraction),
            None => has_form(time, "dd:dd") || has_form(time, "dd:dd:dd"),
        }
}

/// Whether a digit is in the place of each `d`, and everything else is the same.
fn has_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text
            .bytes()
            .zip(form.bytes())
            .all(|(byte, form)| match form {
                b'd' => byte.is_ascii_digit(),
                form => byte == form,
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_iso_8601_is_a_time() {
        for time in [
            "2026-01-31",
            "2026-01-31T08:00Z",
            "2026-01-31T08:00:00Z",
            "2026-01-31T08:00:00.123456Z",
            "2026-01-31T08:00:00+01:00",
            "2026-01-31T08:00:00.5-05:30",
        ] {
            assert_eq!(check("min_start_time", time), Ok(()), "{time}");
        }
        for time in [
            "",
            "now",
            "31.01.2026",
            "2026-1-31",
            "2026-01-31 08:00:00Z",
            "2026-01-31T08:00:00",
            "2026-01-31T08:00:00.Z",
            "2026-01-31T08Z",
            "2026-01-31T08:00:00Zulu",
            "2026-01-31T08:00:00+1",
            "2026-01-31T",
            "2026-01-3١",
            "+18382947878",
        ] {
            let message = check("min_start_time", time).map_err(|invalid| invalid.message);
            let Err(message) = message else {
                panic!("{time} is accepted");
            };
            assert!(message.starts_with("min_start_time: "), "{message}");
            assert!(!message.contains("8382947878"), "{message}");
        }
    }
}
