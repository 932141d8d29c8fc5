//! What the README and the help texts show, run.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::path::Path;
use std::process::Command;

use common::Folder;

fn shell(folder: &Folder, line: &str) {
    let tool = Path::new(common::TOOL).parent().unwrap().display();
    let path = format!("{tool}:{}", std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    let output =
        command.args(["-c", line]).current_dir(folder.path("")).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{line}\n{output:?}");
}

/// What the examples take for granted.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("token.txt", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA\n");
    folder
}

#[test]
fn the_readme() {
    let readme = include_str!("../README.md");
    let folder = folder();
    let mut lines = 0;
    for line in readme.lines().filter_map(|line| line.strip_prefix("$ ")) {
        shell(&folder, line);
        lines += 1;
    }
    assert_eq!(lines, 9, "and all of them");
    let help = folder.run(&["--help"]).good();
    for code in readme.lines().filter_map(|line| line.strip_prefix("| ")) {
        let Some((code, meaning)) = code.trim_end_matches(" |").split_once(" | ") else { continue };
        if code.parse::<u8>().is_ok() {
            assert!(help.contains(&format!("  {code}  {meaning}\n")), "{code}: {meaning}\n{help}");
        }
    }
}

#[test]
fn the_examples_of_the_help_texts() {
    for command in ["keygen", "secret", "jwks", "inspect"] {
        let folder = folder();
        let help = folder.run(&[command, "--help"]).good();
        // What those of `jwks` and `inspect` take for granted.
        if command == "jwks" {
            folder.run(&["keygen", "ES256", "--out", "new.pem"]).good();
            folder.run(&["keygen", "ES256", "--public", "old.pub.pem"]).good();
            folder.run(&["keygen", "RS256", "--bits", "2048", "--out", "rsa.pem"]).good();
        }
        let examples: Vec<_> =
            help.lines().map(str::trim).filter(|line| line.starts_with("jwt-extended ")).collect();
        assert!(examples.len() >= 2, "{help}");
        for line in examples {
            // A token that nobody signed is what it is.
            if line.contains("--verify") {
                folder.run(&["keygen", "ES256", "--public", "key.pub.pem"]).good();
                shell(&folder, &format!("{line}; test $? = 3"));
            } else {
                shell(&folder, line);
            }
        }
    }
}

#[test]
fn a_wrong_command_line_is_code_2() {
    let folder = Folder::new();
    for wrong in [&[][..], &["sign"], &["keygen"], &["keygen", "none"], &["jwks"], &["--what"]] {
        let answer = folder.run(wrong);
        assert_eq!((answer.code, &*answer.out), (2, ""), "{answer:?}");
        assert!(answer.err.contains("--help"), "{answer:?}");
    }
    assert_eq!(
        folder.run(&["--version"]).good(),
        concat!("jwt-extended ", env!("CARGO_PKG_VERSION"), "\n")
    );
}
