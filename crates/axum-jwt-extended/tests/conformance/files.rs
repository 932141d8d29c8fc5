//! Reads the files of `conformance/`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::recorded::{Deviation, Recorded};

pub(crate) fn cases() -> Recorded {
    read("recorded.json")
}

/// The deviations of this adapter.
pub(crate) fn deviations() -> BTreeMap<String, Deviation> {
    let mut rows: BTreeMap<String, Deviation> = read("deviations.json");
    rows.retain(|_, row| row.adapter.as_deref().is_none_or(|adapter| adapter == "axum"));
    rows
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let mut json: Value = serde_json::from_str(&text_of(name)).unwrap();
    if let Some(configs) = json.get_mut("configs") {
        read_files(configs);
    }
    serde_json::from_value(json).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn text_of(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../conformance").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Puts the text of a file in place of `{"file": path}`.
fn read_files(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(path)) = fields.get("file") {
                *value = text_of(path).into();
            } else {
                fields.values_mut().for_each(read_files);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(read_files),
        _ => {}
    }
}
