//! Published test vectors: Project Wycheproof (JWS and JWK files), RFC 7515 appendix A, RFC 7520,
//! RFC 7797 and RFC 8037.

#[path = "support/vectors.rs"]
mod vectors;

#[test]
fn every_published_case_ends_as_its_authors_say() {
    let outcome = vectors::run(include_str!("data/public.jsonl")).unwrap();
    let disagreements: Vec<_> = (outcome.disagreements.iter())
        .map(|case| {
            format!("{}: expected {}, got {}: {}", case.id, case.expected, case.got, case.why)
        })
        .collect();
    assert!(disagreements.is_empty(), "{disagreements:#?}");
    // The file says accept 60 times, reject 218 times, and prefers to reject 8 of the other 13.
    assert!(outcome.accepted >= 60 && outcome.refused >= 226);
    assert_eq!(outcome.accepted + outcome.refused, 291);
}

#[test]
fn a_case_that_ends_otherwise_is_told() {
    let text = include_str!("data/public.jsonl");
    let first = text.lines().next().unwrap().replace(r#""accept""#, r#""reject""#);
    let outcome = vectors::run(&first).unwrap();
    assert_eq!(outcome.disagreements.len(), 1);
    assert!(vectors::run("{}").is_err());
}
