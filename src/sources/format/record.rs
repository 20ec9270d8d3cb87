//! The interchange record, version 1, as a JSON Schema.

/// JSON Schema 2020-12 of the interchange record; `petitiond schema record` prints it.
///
/// It is as lenient as the daemon: it accepts what is kept, and says in words what is flagged.
pub const RECORD_SCHEMA: &str = include_str!("../../../config/schema/record.v1.json");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::domain::{
        Action, ByLeader, CONTENT_FIELDS, Channel, ENVELOPE_FIELDS, Gender, IdKind, Kind, Outcome, PetitionType,
        ReceptionMode, ReferenceRelation, Stage,
    };

    fn schema() -> Value {
        serde_json::from_str(RECORD_SCHEMA).unwrap()
    }

    #[test]
    fn the_schema_names_the_fields_of_the_record() {
        let schema = schema();
        let named: BTreeSet<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let fields: BTreeSet<&str> = ENVELOPE_FIELDS.iter().chain(CONTENT_FIELDS).copied().collect();
        assert_eq!(named, fields);
    }

    #[test]
    fn the_schema_names_the_codes_of_the_record() {
        let schema = schema();
        let check = |pointer: &str, codes: Vec<&str>| {
            let any_of = schema.pointer(pointer).unwrap()["anyOf"].as_array().unwrap();
            let named: Vec<&str> = any_of.iter().filter_map(|one| one["const"].as_str()).collect();
            assert_eq!(named, codes, "{pointer}");
        };
        check("/properties/kind", Kind::ALL.iter().map(|code| code.as_str()).collect());
        check("/properties/channel", Channel::ALL.iter().map(|code| code.as_str()).collect());
        check("/properties/stage", Stage::ALL.iter().map(|code| code.as_str()).collect());
        check("/properties/outcome", Outcome::ALL.iter().map(|code| code.as_str()).collect());
        check("/$defs/type", PetitionType::ALL.iter().map(|code| code.as_str()).collect());
        let reception = "/properties/reception/properties";
        check(&format!("{reception}/mode"), ReceptionMode::ALL.iter().map(|code| code.as_str()).collect());
        check(&format!("{reception}/by_leader"), ByLeader::ALL.iter().map(|code| code.as_str()).collect());
        let petitioner = "/$defs/petitioner/properties";
        check(&format!("{petitioner}/gender"), Gender::ALL.iter().map(|code| code.as_str()).collect());
        check(&format!("{petitioner}/id_kind"), IdKind::ALL.iter().map(|code| code.as_str()).collect());
        let relation = "/properties/references/items/properties/relation";
        check(relation, ReferenceRelation::ALL.iter().map(|code| code.as_str()).collect());
        check("/properties/events/items/properties/action", Action::ALL.iter().map(|code| code.as_str()).collect());
    }

    #[test]
    fn every_reference_of_the_schema_leads_somewhere() {
        fn references<'s>(value: &'s Value, found: &mut Vec<&'s str>) {
            match value {
                Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(Value::as_str));
                    fields.values().for_each(|field| references(field, found));
                }
                Value::Array(items) => items.iter().for_each(|item| references(item, found)),
                _ => {}
            }
        }
        let schema = schema();
        let mut found = Vec::new();
        references(&schema, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            assert!(schema.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }
}
