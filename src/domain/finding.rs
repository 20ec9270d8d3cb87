//! Findings: what was wrong or doubtful with a record, kept beside it and never a reason to drop it.

use serde::{Deserialize, Serialize};

/// The quality flags of the public schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    TypeUnmapped,
    CategoryUnmapped,
    AgencyUnknown,
    IdNumberInvalid,
    /// The number disagrees with the birth date or the gender beside it.
    IdNumberConflict,
    PhoneInvalid,
    DateInvalid,
    DateInFuture,
    AddressUnresolved,
    AddressAmbiguous,
    TextMojibake,
    NameSuspect,
    PetitionerMissing,
    /// Content came with a record that is a state secret; it was refused and is stored nowhere.
    RestrictedContent,
    UnknownField,
}

impl Flag {
    /// Every flag.
    pub const ALL: &'static [Self] = &[
        Self::TypeUnmapped,
        Self::CategoryUnmapped,
        Self::AgencyUnknown,
        Self::IdNumberInvalid,
        Self::IdNumberConflict,
        Self::PhoneInvalid,
        Self::DateInvalid,
        Self::DateInFuture,
        Self::AddressUnresolved,
        Self::AddressAmbiguous,
        Self::TextMojibake,
        Self::NameSuspect,
        Self::PetitionerMissing,
        Self::RestrictedContent,
        Self::UnknownField,
    ];

    /// The flag as it stands in `quality_flags`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TypeUnmapped => "type_unmapped",
            Self::CategoryUnmapped => "category_unmapped",
            Self::AgencyUnknown => "agency_unknown",
            Self::IdNumberInvalid => "id_number_invalid",
            Self::IdNumberConflict => "id_number_conflict",
            Self::PhoneInvalid => "phone_invalid",
            Self::DateInvalid => "date_invalid",
            Self::DateInFuture => "date_in_future",
            Self::AddressUnresolved => "address_unresolved",
            Self::AddressAmbiguous => "address_ambiguous",
            Self::TextMojibake => "text_mojibake",
            Self::NameSuspect => "name_suspect",
            Self::PetitionerMissing => "petitioner_missing",
            Self::RestrictedContent => "restricted_content",
            Self::UnknownField => "unknown_field",
        }
    }
}

/// One doubt or repair: which rule of which field, and the original where the value was changed.
///
/// `original` may be a person's data: it lives only in the sealed content of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Absent for a harmless repair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
    /// The interchange field, as a path: `petitioners[0].id_number`.
    pub field: String,
    /// The name of the rule in its field's `RULES`.
    pub rule: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
}

impl Finding {
    /// A doubt that shows as a quality flag.
    pub fn doubt(flag: Flag, field: &str, rule: &str) -> Self {
        Self { flag: Some(flag), field: field.to_owned(), rule: rule.to_owned(), original: None }
    }

    /// The same finding with the value as it came.
    #[must_use]
    pub fn with_original(mut self, original: &str) -> Self {
        self.original = Some(original.to_owned());
        self
    }
}
