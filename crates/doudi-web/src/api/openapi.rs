//! `GET /api/v1/openapi.json`: the description of all this. It is written by hand, beside the code that keeps to it; tests
//! hold addresses, kinds of problems and answers against it (`crates/doudi-web/tests/it/api.rs`).

use super::problem::Kind;
use super::{Told, told};
use serde_json::{Value as Json, json};

const WRITTEN: &str = include_str!("openapi.json");

/// `GET /api/v1/openapi.json`
pub async fn description() -> Told {
    told(&document())
}

/// What can go wrong is the same everywhere; it is added here, so that no operation forgets it.
fn document() -> Json {
    let mut document: Json = serde_json::from_str(WRITTEN).unwrap_or_default();
    let told = |kind: &Kind| format!("`{}` {}（{}）", kind.name(), kind.title(), kind.status().as_u16());
    let kinds: Vec<String> = Kind::ALL.iter().map(told).collect();
    document["components"]["responses"]["Problem"]["description"] =
        json!(format!("没有办成。种类：{}", kinds.join("，")));
    let mut statuses: Vec<u16> = Kind::ALL.iter().map(|kind| kind.status().as_u16()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    let Some(paths) = document["paths"].as_object_mut() else { return document };
    for operation in paths.values_mut().filter_map(Json::as_object_mut).flat_map(|path| path.values_mut()) {
        for status in &statuses {
            operation["responses"][status.to_string()] = json!({ "$ref": "#/components/responses/Problem" });
        }
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let written: Json = serde_json::from_str(WRITTEN).expect("JSON");
        assert_eq!(written["openapi"], "3.1.0");
        assert_eq!(
            document()["paths"].as_object().expect("paths").len(),
            written["paths"].as_object().expect("paths").len()
        );
    }
}
