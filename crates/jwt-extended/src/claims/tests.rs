use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::json;

fn read(
    buffer: &mut String,
    start: usize,
    identity: &str,
    strict: bool,
) -> Result<Claims, serde_json::Error> {
    let mut claims = Claims::default();
    claims.read(buffer, start, identity, strict).map(|()| claims)
}

fn parse(json: &str) -> Result<Claims, serde_json::Error> {
    read(&mut json.to_owned(), 0, "sub", true)
}

#[test]
fn texts_are_places_and_escapes_stand_behind() {
    let json = r#" {"sub":"anna","iss":"a\u0062c","jti":"","type":"access","aud":["b","\n"]} "#;
    let mut buffer = format!("token{json}");
    let claims = read(&mut buffer, 5, "sub", true).unwrap();
    assert_eq!(buffer, format!("token{json}abc\n"));
    let text = |name| claims.text(name, &buffer);
    assert_eq!(text(Name::Subject), Some("anna"));
    assert_eq!(text(Name::Issuer), Some("abc"));
    assert_eq!(text(Name::TokenId), Some(""));
    assert_eq!(text(Name::Csrf), None);
    let audience = claims.texts(claims.get(Name::Audience)).iter();
    assert_eq!(audience.map(|text| text.of(&buffer)).collect::<Vec<_>>(), ["b", "\n"]);
    assert!(matches!(claims.identity(), Value::Text(_)));
}

#[test]
fn lists_of_other_things_leave_nothing_behind() {
    let mut buffer = r#"{"aud":["a",["b"],"c"],"iss":["d",1],"sub":[],"jti":["e"]}"#.to_owned();
    let claims = read(&mut buffer, 0, "sub", true).unwrap();
    assert!(matches!(claims.get(Name::Audience), Value::Compound));
    assert!(matches!(claims.get(Name::Issuer), Value::Compound));
    assert!(matches!(claims.identity(), Value::Texts(0, _)));
    let list = claims.texts(claims.get(Name::TokenId));
    assert_eq!(list.iter().map(|text| text.of(&buffer)).collect::<Vec<_>>(), ["e"]);
}

#[test]
fn places_of_claims_are_known() {
    let place = |json: &str, name: &str| {
        let mut buffer = json.to_owned();
        let claims = read(&mut buffer, 0, "sub", true).unwrap();
        match claims.place_of_value(name, &buffer) {
            Place::From(text) => text.to_owned(),
            Place::Nowhere => "nowhere".to_owned(),
            Place::Unknown => "unknown".to_owned(),
        }
    };
    assert_eq!(place(r#"{"role":1,"a":2}"#, "role"), r#"1,"a":2}"#);
    assert_eq!(place("{\"role\" \n:\t1}", "role"), "\t1}");
    assert_eq!(place(r#"{"role":1,"role":2}"#, "role"), "2}", "the last one counts");
    assert_eq!(place(r#"{"role":{"a":1}}"#, "a"), "nowhere");
    assert_eq!(place(r#"{"exp":1}"#, "exp"), "1}");
    assert_eq!(place(r#"{"a":1,"\u0061":2}"#, "a"), "unknown", "the last one counts");
    let many: Vec<_> = (10..27).map(|n| format!("\"c{n}\":{n}")).collect();
    assert_eq!(place(&format!("{{{}}}", many.join(",")), "c10"), "unknown");
    assert_eq!(
        place(&format!("{{{}}}", many[1..].join(",")), "c11"),
        format!("{}}}", &many[1..].join(",")[6..])
    );
}

#[test]
fn duplicates_count_by_the_rules() {
    assert!(parse(r#"{"exp":1,"exp":2}"#).is_err());
    assert!(parse(r#"{"role":1,"role":2}"#).is_ok());
    assert!(parse(r#"{"exp":1,"e\u0078p":2}"#).is_err(), "an escaped name is the same name");
    let mut twice = r#"{"exp":1,"exp":2}"#.to_owned();
    let last = read(&mut twice, 0, "sub", false).unwrap();
    assert_eq!(last.number(Name::Expires), Some(2.0));
}

#[test]
fn hostile_forms_are_errors() {
    let deep = |n: usize| format!("{{\"x\":{}{}}}", "[".repeat(n), "]".repeat(n));
    for n in 100..200 {
        let (a, b) = (deep(n), deep(n).replace("\"x\"", "\"aud\""));
        let expected = serde_json::from_str::<serde_json::Value>(&a).is_ok();
        assert_eq!((parse(&a).is_ok(), parse(&b).is_ok()), (expected, expected), "{n}");
    }
    let brackets = format!(r#"{{"x":"\n{}","y":[]}}"#, "[".repeat(1000));
    assert!(parse(&brackets).is_ok());
    assert!(parse(&deep(10_000)).is_err());
    for bad in
        ["", "[]", "1", "null", "{", "{}{}", "{}x", r#"{"exp":1e999}"#, "\"{}\"", "{\"a\":01}"]
    {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_identity_may_have_another_name() {
    let mut json = r#"{"sub":"a","user":"b"}"#.to_owned();
    let claims = read(&mut json, 0, "user", true).unwrap();
    assert!(matches!(claims.identity(), Value::Text(_)));
    assert!(matches!(claims.place_of_value("user", &json), Place::From("\"b\"}")));
    assert_eq!(find_raw(r#"{"user":{"id":1}}"#, "user"), Some(r#"{"id":1}"#));
    assert_eq!(find_raw(r#"{"user":1}"#, "id"), None);
}

#[test]
fn registered_names_agree() {
    for (name, claim) in Name::REGISTERED {
        assert_eq!(Name::of(name), Some(claim));
    }
}

/// A payload of members that are mostly right, with the signs between them.
fn payloads() -> impl Strategy<Value = String> {
    const NAMES: &[&str] = &[
        r#""sub""#,
        r#""exp""#,
        r#""aud""#,
        r#""fresh""#,
        r#""user""#,
        r#""other""#,
        r#""\u0073ub""#,
        r#""""#,
        r#""a longer name than eight""#,
        "\"\u{e9}xp\"",
        "\"\n\"",
        "sub",
        r#""sub"#,
        r#""\ud800""#,
    ];
    const VALUES: &[&str] = &[
        "0",
        "7",
        "1700000000",
        "999999999999999",
        "1000000000000000",
        "9007199254740993",
        "18446744073709551616",
        "-1",
        "-0",
        "00",
        "01",
        "1.5",
        "1.",
        "1e3",
        "1E",
        "1e999",
        "0.0",
        "0e0",
        "1a",
        "true",
        "false",
        "null",
        "tru",
        "nulll",
        "True",
        r#""""#,
        r#""anna""#,
        r#""twelve bytes""#,
        r#""a\u0062\"c""#,
        r#""\x""#,
        r#""no end"#,
        "\"a\tb\"",
        "\"1234567\u{1f}\"",
        "\"\u{7f}\u{20ac}\"",
        r#""1234567""#,
        r#""12345678""#,
        r#""1234567\\""#,
        "[]",
        r#"["a","\n"]"#,
        r#"["a",1]"#,
        r#"[["a"]]"#,
        "[1,]",
        "{}",
        r#"{"sub":1}"#,
        r#"{"a":}"#,
        "",
        "]",
    ];
    let rare = |usual: &'static str, others: &'static [&'static str]| prop_oneof![30 => Just(usual), 1 => select(others)];
    let space = || rare("", &[" ", "\n\t \r", "\u{b}", "\u{a0}"]);
    let member =
        (select(NAMES), space(), rare(":", &["", "::", "="]), space(), select(VALUES), space());
    let member =
        member.prop_map(|(name, a, colon, b, value, c)| [name, a, colon, b, value, c].concat());
    let members = prop::collection::vec((member, rare(",", &["", ",,", ", "])), 0..4);
    let ends = (rare("{", &["", "[", " {", "{,"]), rare("}", &["", "]", "} ", "}}", "}x", ",}"]));
    (members, ends).prop_map(|(members, (start, end))| {
        let mut text = start.to_owned();
        for (n, (member, comma)) in members.iter().enumerate() {
            text.push_str(if n > 0 { comma } else { "" });
            text.push_str(member);
        }
        text + end
    })
}

fn seen(claims: &Claims, value: &Value, buffer: &str) -> Option<serde_json::Value> {
    Some(match value {
        Value::Absent => return None,
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Integer(_) | Value::Number(_) => value.number().into(),
        Value::Text(text) => text.of(buffer).into(),
        Value::Texts(..) => claims.texts(value).iter().map(|text| text.of(buffer)).collect(),
        Value::Compound => "an object, or a list of other things".into(),
    })
}

fn whole(member: Member<'_>) -> serde_json::Value {
    match member {
        Member::Null => serde_json::Value::Null,
        Member::Bool(value) => value.into(),
        Member::Integer(value) => value.into(),
        Member::Text(text) => text.into(),
        Member::Other(json) => {
            let mut parser = serde_json::Deserializer::from_str(json);
            serde::Deserialize::deserialize(&mut parser).unwrap()
        }
    }
}

fn expected(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(number) => number.as_f64().into(),
        serde_json::Value::Array(list) if list.iter().all(serde_json::Value::is_string) => {
            value.clone()
        }
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            "an object, or a list of other things".into()
        }
        _ => value.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// What is kept of a payload is what `serde_json` reads.
    #[test]
    fn the_parser_says_the_same(payload in payloads()) {
        let mut buffer = payload.clone();
        let read = read(&mut buffer, 0, "user", false);
        let is_object = json::is_object(payload.as_bytes());
        let parsed = serde_json::from_str::<serde_json::Map<_, _>>(&payload);
        prop_assert_eq!(read.is_ok(), is_object && parsed.is_ok(), "{:?} {:?}", read, parsed);
        let (Ok(claims), Ok(parsed)) = (read, parsed) else { return Ok(()) };
        let names = Name::REGISTERED.into_iter().chain([("user", Name::Identity)]);
        for (text, name) in names {
            prop_assert_eq!(
                seen(&claims, claims.get(name), &buffer),
                parsed.get(text).map(expected),
                "{}", text
            );
        }
        let other = match claims.place_of_value("other", &buffer) {
            Place::From(text) => Some(text),
            Place::Nowhere => None,
            Place::Unknown => find_raw(&payload, "other"),
        };
        if let (Some(text), Some(value)) = (other, parsed.get("other")) {
            let mut parser = serde_json::Deserializer::from_str(text);
            let found = <serde_json::Value as serde::Deserialize>::deserialize(&mut parser);
            prop_assert_eq!(&found.unwrap(), value);
        } else {
            prop_assert!(other.is_none() && parsed.get("other").is_none());
        }
        if let Some(members) = claims.members(&buffer) {
            let members: serde_json::Map<_, _> =
                members.map(|(name, member)| (name.to_owned(), whole(member))).collect();
            prop_assert_eq!(members, parsed);
        }
    }
}
