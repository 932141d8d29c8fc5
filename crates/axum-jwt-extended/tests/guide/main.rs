//! What the guide says beside its examples: tables that must be whole, and JavaScript.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on is to end"
)]

mod javascript;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use axum_jwt_extended::config::{OPTIONS, OptionInfo};
use axum_jwt_extended::{Config, ConfigBuilder};

fn chapter(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/guide").join(name)
}

/// `UPDATE_GUIDE=1 cargo test --test guide` writes the table.
#[test]
fn the_table_of_options_is_that_of_the_code() {
    let old = chapter("options.md");
    let since: BTreeMap<_, _> = old.lines().filter_map(name_and_since).collect();
    // Few columns, so that the table fits a page.
    let mut table = String::from(
        "| option (type, since) | native default, and Flask's where it is another | what it does |\n\
         | --- | --- | --- |\n",
    );
    for option in OPTIONS {
        let since = since.get(option.name).copied().unwrap_or(env!("CARGO_PKG_VERSION"));
        let (native, flask) = (cell(option.native), cell(option.flask));
        let flask = if flask == native { String::new() } else { format!("<br>Flask: {flask}") };
        let (name, kind) = (option.name, kind(option));
        let what = option.description.replace('|', "\\|");
        writeln!(table, "| `{name}`<br>({kind}, {since}) | {native}{flask} | {what} |").unwrap();
    }
    if std::env::var_os("UPDATE_GUIDE").is_some() {
        std::fs::write(path("options.md"), &table).unwrap();
    }
    assert_eq!(chapter("options.md"), table, "run this test with UPDATE_GUIDE=1");
}

/// What the table says is a default is one: setting it changes nothing.
#[test]
fn the_tables_defaults_are_the_defaults() {
    let settings = |builder: ConfigBuilder| {
        let config = builder.set("JWT_SECRET_KEY", "a-secret-of-at-least-32-random-bytes").build();
        format!("{:?}", *config.unwrap())
    };
    for option in OPTIONS
        .iter()
        .filter(|option| !option.name.ends_with("_KEY") || option.name.contains("JSON"))
    {
        for (default, builder) in
            [(option.native, Config::builder as fn() -> _), (option.flask, Config::flask)]
        {
            let text = shown(default);
            let value = Some(text.as_str()).filter(|text| !text.is_empty());
            let set = builder().set(option.name, value);
            assert_eq!(settings(set), settings(builder()), "{} = {text}", option.name);
        }
    }
}

/// Of a row of the table; a version once written stays.
fn name_and_since(row: &str) -> Option<(&str, &str)> {
    let (name, rest) = row.strip_prefix("| `")?.split_once("`<br>(")?;
    Some((name, rest.split_once(") | ")?.0.rsplit_once(", ")?.1))
}

/// What a value must be, in fewer words than an error needs.
fn kind(option: &OptionInfo) -> String {
    let expected = option.expected;
    let short = match expected {
        "a list of texts, or one text with commas" => return "list".to_owned(),
        "a list of keys, or a text with one on each line" => return "list of keys".to_owned(),
        _ if expected.contains("HS256, HS384") => "algorithm".to_owned(),
        _ if expected.starts_with("a number of seconds") && expected.contains("or false") => {
            "time or `false`".to_owned()
        }
        _ if expected.starts_with("a number of seconds") => "time".to_owned(),
        _ => {
            let expected = expected.trim_start_matches("one of ").trim_start_matches("a ");
            expected.replace("\" \"", "\", \"").replace(", or", " or").replace('"', "`")
        }
    };
    if option.native.starts_with("vec!") { format!("list: {short}") } else { short }
}

fn cell(rust: &str) -> String {
    let default = shown(rust).replace(',', ", ");
    if default.is_empty() { "none".to_owned() } else { format!("`{default}`") }
}

/// A default as one writes it into an environment.
fn shown(rust: &str) -> String {
    match rust {
        "None" | "vec![]" | "String::new()" => String::new(),
        "MINUTES_15" => "15m".to_owned(),
        "DAYS_30" => "30d".to_owned(),
        "SECONDS_10" => "10s".to_owned(),
        "Duration::ZERO" | "0" => "0".to_owned(),
        "Lifetime::Never" => "false".to_owned(),
        "unsafe_methods()" => "POST,PUT,PATCH,DELETE".to_owned(),
        "vec![Location::Headers]" => "headers".to_owned(),
        "16 * 1024" => "16384".to_owned(),
        "1024 * 1024" => "1048576".to_owned(),
        "Some(Duration::from_secs(31_540_000))" => "31540000".to_owned(),
        "Some(KeyId::Thumbprint)" => "thumbprint".to_owned(),
        "ErrorStyle::Native" | "ErrorStyle::Flask" | "Some(SameSite::Lax)" | "Algorithm::HS256" => {
            let name = rust.rsplit(':').next().unwrap().trim_end_matches(')');
            if rust.starts_with("ErrorStyle") { name.to_lowercase() } else { name.to_owned() }
        }
        text => match text.strip_prefix('"').and_then(|text| text.strip_suffix("\".into()")) {
            Some(text) => text.to_owned(),
            None if text == "true" || text == "false" => text.to_owned(),
            None => panic!("how is {text} written in an environment?"),
        },
    }
}

/// A chapter names everything that the code can say.
fn names_all<'a>(chapter_name: &str, texts: impl IntoIterator<Item = &'a str>) {
    let chapter = chapter(chapter_name);
    let missing: Vec<_> = texts.into_iter().filter(|text| !chapter.contains(*text)).collect();
    assert!(missing.is_empty(), "{chapter_name} lacks {missing:#?}");
}

/// The texts between `start` and `end` in a source file of the engine.
fn found(source: &str, start: &str, end: &str) -> Vec<String> {
    let file = format!("{}/../jwt-extended/src/{source}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(file).unwrap();
    let found: Vec<_> = text
        .split(start)
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(end)?.0.to_owned()))
        .collect();
    assert!(!found.is_empty(), "nothing like {start} in {source}");
    found
}

#[test]
fn troubleshooting_knows_every_error() {
    let text = std::fs::read_to_string(format!(
        "{}/../jwt-extended/src/error.rs",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap();
    let sentences = text.split_once("impl From<ErrorKind> for AuthError").unwrap().1;
    let sentences = sentences.split_once("Self::new(kind, message)").unwrap().0;
    let mut count = 0;
    let mut all = Vec::new();
    for kind in sentences.split("ErrorKind::").skip(1) {
        let (name, rest) = kind.split_once(" => ").unwrap_or_default();
        let sentence = rest.split('"').nth(1).unwrap_or_default();
        count += usize::from(!sentence.is_empty());
        all.extend([name, sentence].map(str::to_owned));
    }
    assert!(count > 25, "the sentences were not found: {all:?}");
    all.extend(found("error.rs", "=> \"", "\"").into_iter().filter(|code| !code.contains(' ')));
    names_all("troubleshooting.rs", all.iter().map(String::as_str));
}

#[test]
fn troubleshooting_knows_every_diagnostic() {
    let file = format!("{}/../jwt-extended/src/config/diagnostics.rs", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().map(str::trim);
    let code = |line: &&str| line.starts_with('"') && line.ends_with("\",") && !line.contains(' ');
    let mut codes: Vec<_> = lines.filter(code).map(|line| line.trim_matches(['"', ','])).collect();
    assert!(codes.len() > 10, "{codes:?}");
    codes.extend(["store_ignored", "no_store"]);
    names_all("troubleshooting.rs", codes);
}

#[test]
fn every_name_of_upstream_has_its_counterpart() {
    names_all(
        "from_flask.rs",
        include_str!("../data/upstream_names.txt").lines().filter(|line| !line.starts_with('#')),
    );
}
