//! Findings: what was wrong or doubtful with a record, kept beside it and never a reason to drop it.

use serde::{Deserialize, Serialize};

/// How much a finding weighs, told by what it keeps others from doing with the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Ghi chú: a rule tidied or repaired the value with certainty; there is nothing to mend.
    Note,
    /// Cảnh báo: the value is there and is used, but it may mean something else than it says; have a look.
    Warning,
    /// Lỗi: the value is missing, wrong or not understood, so that the record cannot be compared or counted by it; mend it.
    Error,
}

impl Severity {
    /// As it stands in the public schema.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// For an official.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Note => "ghi chú",
            Self::Warning => "cảnh báo",
            Self::Error => "lỗi",
        }
    }
}

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

    /// How much it weighs.
    ///
    /// An error is a value by which the record cannot be compared or counted, or one that contradicts itself; a warning
    /// is a value that is kept whole and only may mean something else.
    pub const fn severity(self) -> Severity {
        match self {
            // without a type nobody knows whether it is a denunciation: the whole petition stays sealed until it is told
            Self::TypeUnmapped
            | Self::IdNumberInvalid
            | Self::IdNumberConflict
            | Self::PhoneInvalid
            | Self::DateInvalid
            | Self::DateInFuture
            | Self::AddressUnresolved
            | Self::TextMojibake
            | Self::PetitionerMissing
            | Self::RestrictedContent => Severity::Error,
            // counted under no field of the report, or held by its source instead: mapped, it is right at once
            Self::CategoryUnmapped
            | Self::AgencyUnknown
            // an old commune that was split has several successors; the paper is not wrong for that
            | Self::AddressAmbiguous
            | Self::NameSuspect
            | Self::UnknownField => Severity::Warning,
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

    /// How much it weighs: as much as its flag, and without one nothing.
    pub fn severity(&self) -> Severity {
        self.flag.map_or(Severity::Note, Flag::severity)
    }

    /// The same finding with the value as it came.
    #[must_use]
    pub fn with_original(mut self, original: &str) -> Self {
        self.original = Some(original.to_owned());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_has_a_severity() {
        let of = |severity| Flag::ALL.iter().filter(move |flag| flag.severity() == severity).count();
        assert_eq!((of(Severity::Note), of(Severity::Warning), of(Severity::Error)), (0, 5, 10));
        let repaired =
            Finding { flag: None, field: "summary".to_owned(), rule: "look_alike".to_owned(), original: None };
        assert_eq!(repaired.severity(), Severity::Note);
        assert_eq!(Finding::doubt(Flag::PhoneInvalid, "phone", "no_number").severity(), Severity::Error);
        assert!(Severity::Note < Severity::Warning && Severity::Warning < Severity::Error);
        for severity in [Severity::Note, Severity::Warning, Severity::Error] {
            assert_eq!(serde_json::to_value(severity).unwrap(), severity.as_str());
        }
    }
}
