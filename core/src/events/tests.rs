//! What the vectors of all languages can't say: redaction, and any bytes at all.

use proptest::prelude::*;

use super::*;
use crate::ErrorKind;

fn parsed(body: &str) -> Event {
    Event::parse(body, None).unwrap()
}

#[test]
fn display_and_debug_redact_numbers_and_secrets() {
    let event = parsed(
        r#"{"eventType": "transferComplete", "callId": "c-95ac8d6e-1a31c52e-b38f-4198-93c1-51633ec68f8d",
            "from": "+18382947878", "to": "sip:alice@example.com", "cause": "busy 18382947878",
            "tag": "call 8382947878 back", "transferTo": "+18382947878", "eventTime": "+18382947878",
            "errorMessage": "see https://u:s3cret@example.com/x", "parentCallId": "18382947878"}"#,
    );
    for shown in [
        event.to_string(),
        format!("{event:?}"),
        format!("{event:#?}"),
    ] {
        for hidden in ["82947878", "alice", "s3cret"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
        assert!(
            shown.contains("c-95ac8d6e-1a31c52e-b38f-4198-93c1-51633ec68f8d"),
            "{shown}"
        );
    }
}

#[test]
fn one_line_says_who_and_why() {
    let event = parsed(
        r#"{"eventType": "hangup", "callId": "c-1", "from": "+19195550100", "to": "+18382947878",
            "cause": "USER_BUSY", "parentCallId": "c-0"}"#,
    );
    assert_eq!(
        event.to_string(),
        "hangup of c-1, a leg of c-0, from +*********00 to +*********78: busy (USER_BUSY)"
    );
    let event = parsed(r#"{"eventType": "speak", "callId": "c-1", "status": "done"}"#);
    assert_eq!(event.to_string(), "speak of c-1: done");
}

#[test]
fn body_over_the_limit_is_refused_by_size() {
    let body = vec![b' '; Event::MAX_BODY + 1];
    let error = Event::parse(&body, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(
        error.to_string(),
        "body: must be at most 262144 bytes, got 262145"
    );
    let mut longest = br#"{"eventType": "answer"}"#.to_vec();
    longest.resize(Event::MAX_BODY, b' ');
    assert!(Event::parse(&longest, None).is_ok());
}

#[test]
fn error_quotes_nothing_of_the_body() {
    for (body, content_type) in [
        (r#"{"eventType": "+18382947878"#, None),
        (r#"{"eventType": 1e999, "from": "+18382947878"}"#, None),
        (r#"["+18382947878"]"#, None),
        ("+18382947878", Some("+18382947878")),
        ("from=%2B18382947878&tag=%ff", None),
        (r#"{"from": "+18382947878"}"#, None),
    ] {
        let error = Event::parse(body, content_type).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("7878"), "{error}");
        assert!(error.is_safe_to_repeat());
    }
}

#[test]
fn number_that_is_nested_deep_is_refused_without_a_crash() {
    let body = format!(r#"{{"eventType": {}"#, "[".repeat(100_000));
    assert!(Event::parse(body, None).is_err());
}

#[test]
fn numbers_and_names_of_kinds_and_causes_are_unique() {
    for mut numbers in [
        EventKind::KINDS.iter().map(|it| it.0).collect::<Vec<_>>(),
        Cause::ALL.iter().map(|it| it.number()).collect(),
    ] {
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~]{0,30}|\\PC{0,10}".prop_map(Value::from),
        "(NORMAL_CLEARING|busy|timeout|c-[a-z0-9]{3}|\\+1[0-9]{10}|2012-11-14T1[0-9]:21:59(Z|-03|))"
            .prop_map(Value::from),
        Just(serde_json::json!({"origTo": "+18382947878"})),
    ]
}

fn any_event() -> impl Strategy<Value = Map<String, Value>> {
    let name = "eventType|eventTime|time|callId|parentCallId|from|to|cause|tag|callState|diversion\
                |status|transferTo|errorMessage|accountId|[a-z]{0,5}";
    let kind = "incomingcall|initiate|answer|timeout|hangup|disconnect|speak|playback|recording\
                |transferAnswer|transferComplete|transferDisconnect|redirect|[a-z]{1,5}";
    (prop::collection::btree_map(name, any_value(), 0..12), kind).prop_map(|(fields, kind)| {
        let mut fields: Map<String, Value> = fields.into_iter().collect();
        fields.insert("eventType".into(), kind.into());
        fields
    })
}

proptest! {
    #[test]
    fn any_bytes_end_in_an_event_or_an_error(
        body in prop::collection::vec(any::<u8>(), 0..200),
        content_type in prop::option::of("application/(json|x-www-form-urlencoded)|[ -~]{0,20}"),
    ) {
        let _ = Event::parse(&body, content_type.as_deref());
    }

    #[test]
    fn any_fields_make_the_same_event_again(fields in any_event()) {
        let event = parsed(&Value::Object(fields.clone()).to_string());
        prop_assert_eq!(&event.fields, &fields);
        let again = parsed(&Value::Object(event.fields.clone()).to_string());
        prop_assert_eq!(format!("{event} {event:?}"), format!("{again} {again:?}"));
        prop_assert_eq!(event, again);
    }

    #[test]
    fn query_string_makes_the_event_of_its_json(
        texts in prop::collection::btree_map("[a-zA-Z]{1,8}", "[!-~]{0,12}|\\PC{0,6}", 0..8),
    ) {
        let mut texts = texts;
        texts.insert("eventType".into(), "answer".into());
        texts.insert("from".into(), "+18382947878".into());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&texts)
            .finish();
        let json = serde_json::to_string(&texts).unwrap();
        prop_assert_eq!(
            Event::parse(query, Some("application/x-www-form-urlencoded")).unwrap(),
            Event::parse(json, Some("application/json")).unwrap()
        );
    }
}
