//! Every unit by the key of its name, old and new.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::token::Tokens;
use crate::reference::commune::{self, Commune, District, OldCommune};
use crate::reference::province::{self, MERGER};

/// The kind of a unit, as its word before the name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Province,
    City,
    UrbanDistrict,
    RuralDistrict,
    Town,
    Ward,
    Commune,
    Township,
    SpecialZone,
}

impl Kind {
    /// By its Vietnamese word.
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "tỉnh" => Self::Province,
            "thành phố" => Self::City,
            "quận" => Self::UrbanDistrict,
            "huyện" => Self::RuralDistrict,
            "thị xã" => Self::Town,
            "phường" => Self::Ward,
            "xã" => Self::Commune,
            "thị trấn" => Self::Township,
            "đặc khu" => Self::SpecialZone,
            _ => return None,
        })
    }

    /// Whether it is a word of the level of districts.
    pub(super) const fn is_district(self) -> bool {
        matches!(self, Self::City | Self::UrbanDistrict | Self::RuralDistrict | Self::Town)
    }

    pub(super) const fn is_commune(self) -> bool {
        matches!(self, Self::Ward | Self::Commune | Self::Township | Self::SpecialZone)
    }
}

/// One unit under a name.
#[derive(Debug, Clone)]
pub(super) struct Named<T: 'static> {
    pub(super) toned: String,
    pub(super) kind: Option<Kind>,
    /// Old code of the province for old units, today's for new ones.
    pub(super) province: &'static str,
    pub(super) unit: &'static T,
}

/// A province by name: today's code, and the old code where an old province was called so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NamedProvince {
    pub(super) toned: String,
    pub(super) old: Option<&'static str>,
    /// The old province was a city of central rank.
    pub(super) is_city: bool,
    pub(super) current: &'static str,
    /// Whether a province of today is called so.
    pub(super) stands: bool,
}

#[derive(Debug, Default)]
pub(super) struct Gazetteer {
    pub(super) provinces: HashMap<String, NamedProvince>,
    pub(super) districts: HashMap<String, Vec<Named<District>>>,
    pub(super) old: HashMap<String, Vec<Named<OldCommune>>>,
    pub(super) new: HashMap<String, Vec<Named<Commune>>>,
}

static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::build);

/// The one gazetteer, built at its first use.
pub(super) fn gazetteer() -> &'static Gazetteer {
    &GAZETTEER
}

/// Other names of provinces: abbreviations, and provinces that had already gone by 2025.
const OTHER_PROVINCES: &[(&str, &str)] = &[
    ("hcm", "79"),
    ("tphcm", "79"),
    ("hochiminhcity", "79"),
    ("saigon", "79"),
    ("hn", "01"),
    ("tphn", "01"),
    ("hanoicity", "01"),
    ("hatay", "01"),
    ("brvt", "77"),
    ("bariavt", "77"),
    ("tth", "46"),
    ("tthue", "46"),
    ("thuathien", "46"),
    ("baccan", "06"),
    ("daclac", "66"),
    ("dacnong", "67"),
    ("dacklak", "66"),
    ("kontum", "62"),
];

/// Districts that a later one took up, still written in addresses.
const OTHER_DISTRICTS: &[(&str, Kind, &str)] = &[
    ("2", Kind::UrbanDistrict, "769"),
    ("9", Kind::UrbanDistrict, "769"),
    ("thuduc", Kind::UrbanDistrict, "769"),
    ("buonmethuot", Kind::City, "643"),
    ("banmethuot", Kind::City, "643"),
];

impl Gazetteer {
    fn build() -> Self {
        let mut gazetteer = Self::default();
        gazetteer.add_provinces();
        for district in commune::districts() {
            let named = Named {
                toned: joined_toned(district.name),
                kind: Kind::of(district.kind),
                province: district.province,
                unit: district,
            };
            gazetteer.districts.entry(joined_flat(district.name)).or_default().push(named);
        }
        for (name, kind, code) in OTHER_DISTRICTS {
            if let Some(unit) = commune::districts().iter().find(|district| district.code == *code) {
                let named = Named { toned: (*name).to_owned(), kind: Some(*kind), province: unit.province, unit };
                gazetteer.districts.entry((*name).to_owned()).or_default().push(named);
            }
        }
        for old in commune::old() {
            let kind = Kind::of(old.kind);
            let named = Named { toned: joined_toned(old.name), kind, province: old.district.province, unit: old };
            gazetteer.old.entry(joined_flat(old.name)).or_default().push(named);
        }
        for new in commune::all().iter().filter(|row| row.valid_to.is_none()) {
            for name in [Some(new.name), new.other_spelling].into_iter().flatten() {
                let toned = joined_toned(name);
                let named = gazetteer.new.entry(joined_flat(name)).or_default();
                if !named.iter().any(|there| there.unit.code == new.code && there.toned == toned) {
                    named.push(Named { toned, kind: Kind::of(new.kind), province: new.province, unit: new });
                }
            }
        }
        gazetteer
    }

    fn add_provinces(&mut self) {
        let before = MERGER.pred_opt().unwrap_or(MERGER);
        for row in province::all() {
            let entry = self.provinces.entry(joined_flat(row.name)).or_default();
            entry.toned = joined_toned(row.name);
            if row.valid_to.is_some_and(|day| day < MERGER) {
                entry.old = Some(row.code);
                entry.is_city |= row.kind == "thành phố";
                entry.current = province::current_code(row.code, row.valid_to.unwrap_or(before)).unwrap_or(row.code);
            } else {
                entry.stands = true;
                entry.current = row.code;
            }
        }
        for (name, old) in OTHER_PROVINCES {
            let known = self.provinces.values().find(|province| province.old == Some(*old)).cloned();
            if let Some(known) = known {
                self.provinces.insert((*name).to_owned(), NamedProvince { toned: String::new(), ..known });
            }
        }
    }
}

/// The keys of a name as [`Tokens`] makes them, so that numbers and y/i are folded alike.
fn joined_flat(name: &str) -> String {
    let tokens = Tokens::of(name);
    tokens.flat(0, tokens.len()).to_owned()
}

fn joined_toned(name: &str) -> String {
    let tokens = Tokens::of(name);
    tokens.toned(0, tokens.len()).to_owned()
}
