//! A test without its server is passed over aloud, or fails.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test")]

use std::process::Command;

use servers::{Missing, or_skip};

#[test]
#[ignore = "run by the other one"]
fn without_a_server() {
    assert!(or_skip(Err::<(), _>(Missing::new("there is no such server"))).is_none());
}

#[test]
fn nobody_overlooks_it() {
    for (ci, servers, passes) in [
        ("", "", true),
        ("true", "", false),
        ("", "required", false),
        ("true", "required", false),
        ("true", "optional", true),
    ] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "without_a_server", "--ignored"])
            .env("CI", ci)
            .env("STORE_SERVERS", servers)
            .output()
            .unwrap();
        assert_eq!(output.status.success(), passes, "{output:?}");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("there is no such server"), "{said}");
        assert_eq!(said.contains("!!! SKIPPED without_a_server"), passes, "{said}");
    }
}
