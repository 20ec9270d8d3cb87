//! A petition as its people wrote it, and how an agency came by it.

use chrono::NaiveDate;
use serde::Serialize;

use super::super::record::Document;
use super::citizen::Home;
use super::matter::{Matter, Wording};
use crate::domain::{Action, PetitionType};

/// One petition (đơn) on paper.
#[derive(Debug, Clone)]
pub struct Paper {
    pub petition: u32,
    pub case: u32,
    pub follows: Option<Follows>,
    /// The printed form or the common project that it shares with petitions of others.
    pub form: Option<u32>,
    pub matter: Matter,
    pub wording: Wording,
    pub petition_type: PetitionType,
    pub instance: u32,
    pub written_on: NaiveDate,
    /// Who signed, as numbers in the village; nobody where it is anonymous.
    pub people: Vec<usize>,
    pub organization: Option<Organization>,
    /// The phone of the one who collected the papers, which some clerks enter for all.
    pub collector: Option<String>,
    /// Whether it is a list of many, of whom records name a part.
    pub is_mass: bool,
    pub is_anonymous: bool,
    pub is_confidential: bool,
    /// The document that it complains of.
    pub against: Option<Document>,
}

/// A body that petitions in its own name.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Its number among the persons of the truth.
    pub person: u32,
    pub name: String,
    pub tax_code: String,
    pub phone: String,
    pub home: Home,
}

/// What a petition of the same case came after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Follows {
    pub petition: u32,
    pub how: Following,
}

/// How two petitions of one case belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Following {
    /// The second complaint, the continued denunciation.
    NextInstance,
    /// The complaint come back as a denunciation of those who decided.
    Recast,
    /// The matter taken up anew after a decision took effect.
    Recurrence,
    /// Others against the same decision.
    Joint,
}

/// How a record relates to its petition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Filing {
    Original,
    /// The same paper sent to several agencies at once.
    Copy,
    /// Sent on by another agency.
    Forwarded,
    /// The same people with the same content, weeks or months later.
    Repeat,
}

/// One lodging of a paper at one agency.
#[derive(Debug, Clone)]
pub struct Lodging {
    pub filing: Filing,
    pub day: NaiveDate,
    pub ending: Ending,
}

/// How far the agency has come with it.
#[derive(Debug, Clone)]
pub enum Ending {
    Open,
    Settled(Document),
    /// Sent on to the agency of this code; its record says no more than that.
    Forwarded(&'static str, NaiveDate),
    Closed(Action),
}
