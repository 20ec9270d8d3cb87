//! VNI for Windows: a base letter and a mark after it.

use crate::reference::legacy::vni;

/// A text in VNI that was read as CP1252, longest match first.
pub(super) fn decode(seen: &str) -> String {
    if seen.is_ascii() {
        return seen.to_owned();
    }
    let table = vni();
    let mut text = String::with_capacity(seen.len());
    let mut rest = seen;
    let mut chars = rest.chars();
    while let Some(first) = chars.next() {
        let one = first.len_utf8();
        let two = chars.clone().next().map_or(one, |second| one + second.len_utf8());
        let pair = rest.get(..two).and_then(|pair| table.get(pair)).map(|letter| (*letter, two));
        // a capital's mark may have been typed small
        let mixed = || {
            let lower = rest.get(..two)?.to_lowercase();
            let letter = first.is_uppercase().then(|| table.get(lower.as_str())).flatten()?;
            letter.to_uppercase().next().map(|letter| (letter, two))
        };
        let single = || rest.get(..one).and_then(|single| table.get(single)).map(|letter| (*letter, one));
        let (letter, used) = pair.filter(|_| two > one).or_else(mixed).or_else(single).unwrap_or((first, one));
        text.push(letter);
        rest = rest.get(used..).unwrap_or_default();
        chars = rest.chars();
    }
    text
}
