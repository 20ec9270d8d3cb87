//! Keyed hashes (BLAKE3 in keyed mode): equal inputs are seen to be equal, and nobody without the index key can try
//! names or numbers against them.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::keyring::KeyRing;

impl KeyRing {
    /// The hash of a list of parts under a domain; parts are length-prefixed, so `["ab", "c"]` is not `["a", "bc"]`.
    pub fn hash(&self, domain: &str, parts: &[&str]) -> [u8; 32] {
        *self.parts_hasher(domain, parts).finalize().as_bytes()
    }

    /// The same as a UUID (version 8, RFC 9562): for keys that are compared and for ids that must not be guessed.
    pub fn hash_id(&self, domain: &str, parts: &[&str]) -> Uuid {
        let mut bytes = [0; 16];
        self.parts_hasher(domain, parts).finalize_xof().fill(&mut bytes);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    fn parts_hasher(&self, domain: &str, parts: &[&str]) -> blake3::Hasher {
        let mut hasher = self.hasher(domain);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher
    }

    /// The hash of bytes as they came.
    pub fn hash_bytes(&self, domain: &str, bytes: &[u8]) -> [u8; 32] {
        let mut hasher = self.hasher(domain);
        hasher.update(bytes);
        *hasher.finalize().as_bytes()
    }

    /// The content hash of a record: of its mapped fields, whatever the order in which they were written. `owner` is the
    /// record: readers see this hash, and whoever sends guesses under other names must not see one of them come true.
    pub fn content_hash(&self, owner: &str, deleted: bool, fields: &Map<String, Value>) -> [u8; 32] {
        let mut hasher = self.hasher("content");
        feed_text(&mut hasher, b'o', owner);
        hasher.update(&[u8::from(deleted)]);
        feed_object(&mut hasher, fields);
        *hasher.finalize().as_bytes()
    }

    fn hasher(&self, domain: &str) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new_keyed(&self.index);
        hasher.update(&(domain.len() as u64).to_le_bytes());
        hasher.update(domain.as_bytes());
        hasher
    }
}

fn feed(hasher: &mut blake3::Hasher, value: &Value) {
    match value {
        Value::Null => drop(hasher.update(b"n")),
        Value::Bool(true) => drop(hasher.update(b"t")),
        Value::Bool(false) => drop(hasher.update(b"f")),
        Value::Number(number) => feed_text(hasher, b'#', &number.to_string()),
        Value::String(text) => feed_text(hasher, b'"', text),
        Value::Array(items) => {
            hasher.update(b"[");
            hasher.update(&(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| feed(hasher, item));
        }
        Value::Object(fields) => feed_object(hasher, fields),
    }
}

fn feed_text(hasher: &mut blake3::Hasher, tag: u8, text: &str) {
    hasher.update(&[tag]);
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

/// Feeds the fields in alphabetical order, which is how a `serde_json` map without `preserve_order` iterates; the
/// test below notices should that feature ever be switched on in the tree.
fn feed_object(hasher: &mut blake3::Hasher, fields: &Map<String, Value>) {
    hasher.update(b"{");
    hasher.update(&(fields.len() as u64).to_le_bytes());
    for (name, value) in fields {
        feed_text(hasher, b'k', name);
        feed(hasher, value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::cipher::tests::ring;

    fn content(json: &str) -> [u8; 32] {
        ring().content_hash("bxd/1", false, &serde_json::from_str(json).unwrap())
    }

    #[test]
    fn the_order_of_fields_is_no_difference() {
        assert_eq!(
            content(r#"{"b": 1, "a": {"d": [], "c": null}}"#),
            content(r#"{"a": {"c": null, "d": []}, "b": 1}"#)
        );
    }

    #[test]
    fn every_difference_is_one() {
        let variants = [
            "{}",
            r#"{"a": null}"#,
            r#"{"a": false}"#,
            r#"{"a": 0}"#,
            r#"{"a": "0"}"#,
            r#"{"a": []}"#,
            r#"{"a": {}}"#,
            r#"{"a": [[]]}"#,
            r#"{"a": ["x", "y"]}"#,
            r#"{"a": ["xy"]}"#,
            r#"{"ab": "c"}"#,
            r#"{"a": "bc"}"#,
        ];
        let hashes: std::collections::BTreeSet<_> = variants.iter().map(|json| content(json)).collect();
        assert_eq!(hashes.len(), variants.len());
        assert_ne!(ring().content_hash("bxd/1", true, &serde_json::Map::new()), content("{}"));
        assert_ne!(ring().content_hash("bxd/2", false, &serde_json::Map::new()), content("{}"));
        assert_ne!(ring().hash("d", &["ab", "c"]), ring().hash("d", &["a", "bc"]));
    }
}
