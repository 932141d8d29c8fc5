//! JSON for eyes.

use std::fmt::Write as _;

/// Lays out JSON that is known to be well-formed, one member a line. Whatever it says stays as it was
/// written: order, numbers, names that stand twice. What a terminal could take for a command, or hide,
/// is escaped as JSON escapes it.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    let mut rest = json.chars().filter(|c| !c.is_ascii_control() || *c == '\u{7f}').peekable();
    while let Some(c) = rest.next() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            visibly(c, &mut out);
            continue;
        }
        match c {
            ' ' => {}
            '{' | '[' => {
                while rest.next_if_eq(&' ').is_some() {}
                out.push(c);
                if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(depth, &mut out);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(depth, &mut out);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(depth, &mut out);
            }
            ':' => out.push_str(": "),
            _ => {
                in_string = c == '"';
                visibly(c, &mut out);
            }
        }
    }
    out
}

fn line(depth: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

fn visibly(c: char, out: &mut String) {
    // Rust's own idea of what cannot be seen: controls, changes of direction, blanks of no width.
    // Behind a letter, accents that belong to it can.
    let shown = ['a', c].iter().collect::<String>();
    let hidden = c != '\\' && c != '"' && c != '\'' && shown.escape_debug().nth(1) == Some('\\');
    if hidden {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    } else {
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::pretty;

    #[test]
    fn layout() {
        assert_eq!(pretty("{}"), "{}");
        assert_eq!(pretty(" { \n } "), "{}");
        assert_eq!(
            pretty(r#"{"a":1,"b":[true,null,[ ]],"c":{"d":"x, {y}: \"z\" \\"}}"#),
            "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null,\n    []\n  ],\n  \
             \"c\": {\n    \"d\": \"x, {y}: \\\"z\\\" \\\\\"\n  }\n}"
        );
    }

    #[test]
    fn what_was_written_is_what_is_shown() {
        let written = r#"{"z":1,"a":1e999,"a":123456789012345678901234567890,"u":"é\u0041"}"#;
        assert_eq!(pretty(written).replace([' ', '\n'], ""), written);
    }

    #[test]
    fn nothing_reaches_the_terminal_but_what_can_be_seen() {
        let hostile = "\u{7f}\u{9b}2J\u{202e}\u{2066}\u{200b}\u{feff}\u{2028}\u{e0041}\u{ad}";
        let json = Value::from(hostile).to_string();
        let shown = pretty(&json);
        assert_eq!(shown, r#""\u007f\u009b2J\u202e\u2066\u200b\ufeff\u2028\udb40\udc41\u00ad""#);
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), hostile, "the same JSON");
        let words = "\"Zoë नमस्ते 日本 e\u{301} 'x' 👩\"";
        assert_eq!(pretty(words), words);
    }
}
