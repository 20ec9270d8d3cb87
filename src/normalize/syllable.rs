//! Whether letters are a Vietnamese syllable: what tells a right decoding from a wrong one.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::letter::{Tone, letter};

/// Consonants a syllable can begin with, longest first.
const ONSETS: &[&str] = &[
    "ngh", "ng", "nh", "ch", "gh", "gi", "kh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "r", "s", "t", "v", "x", "j", "z",
];

/// Clusters of the languages of the Central Highlands, in names of places and people: Krông, Plei, Brâu.
const HIGHLAND_ONSETS: &[&str] = &[
    "kr", "gl", "bl", "br", "pl", "pr", "dr", "đr", "gr", "kl", "ml", "hr", "mr", "sr", "ks", "k", "g", "r", "đ", "d",
    "b", "l", "t", "h", "m", "p", "c", "s", "n",
];

/// Every rhyme (vần) of Vietnamese, by Hoàng Phê's spelling dictionary (Từ điển vần, 1996).
const RHYMES: &str = "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây \
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu \
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong \
    op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uêt uênh ui um un ung uơ uơn uôc uôi \
    uôm uôn uông uôt up ut uy uya uych uyên uyêt uyn uynh uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt \
    ươu ưt ưu y yêm yên yêng yêt yêu";

static RHYME_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| RHYMES.split_ascii_whitespace().collect());

/// Whether a word is one Vietnamese syllable with at most one tone.
pub(super) fn is_syllable(word: &str) -> bool {
    parse(word).is_some()
}

/// Longest syllable in letters: "nghiêng".
const LONGEST: usize = 7;

fn parse(word: &str) -> Option<Tone> {
    let mut bare = String::with_capacity(16);
    let mut tone = Tone::Level;
    let mut toned_at = None;
    for (count, c) in word.chars().enumerate() {
        let letter = letter(c).filter(|letter| letter.quality.is_alphabetic() && letter.flat.is_some())?;
        if letter.tone != Tone::Level {
            if tone != Tone::Level || !is_vowel(letter.quality) {
                return None;
            }
            tone = letter.tone;
            toned_at = Some(bare.len());
        }
        if count >= LONGEST {
            return None;
        }
        bare.push(letter.quality);
    }
    let stopped = bare.ends_with(['c', 'p', 't']) || bare.ends_with("ch");
    if stopped && !matches!(tone, Tone::Acute | Tone::Dot) {
        return None;
    }
    let placed = toned_at.is_none_or(|at| may_carry_tone(&bare, at));
    // y alone takes a tone after these only (kỳ, lý): thý was thư in windows-1258
    let lone_y = bare
        .strip_suffix('y')
        .filter(|onset| !onset.contains(is_vowel))
        .is_some_and(|onset| tone != Tone::Level && !matches!(onset, "" | "h" | "k" | "l" | "m" | "s" | "t" | "v"));
    (placed && !lone_y && (splits(&bare) || is_highland(&bare))).then_some(tone)
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'ă' | 'â' | 'e' | 'ê' | 'i' | 'o' | 'ô' | 'ơ' | 'u' | 'ư' | 'y')
}

/// Whether a syllable's tone can stand on the letter at `at`: on a vowel with a mark of its own where there is one,
/// never on a gliding i, o or u at the end ("sôì" is a wrong decoding of "số").
fn may_carry_tone(bare: &str, at: usize) -> bool {
    let is_marked = |c: char| matches!(c, 'ă' | 'â' | 'ê' | 'ô' | 'ơ' | 'ư');
    let Some(carrier) = bare.get(at..).and_then(|rest| rest.chars().next()) else { return false };
    if bare.contains(is_marked) {
        return is_marked(carrier);
    }
    let is_last = at + carrier.len_utf8() == bare.len();
    let before = bare.get(..at).unwrap_or_default();
    let after_vowel = before.ends_with(['a', 'e', 'i', 'o', 'u']) && before != "qu" && before != "gi";
    !(is_last && after_vowel && matches!(carrier, 'i' | 'o' | 'u'))
}

/// Vowels that a highland word has before r, l, h, s or k at its end: Sôr, Păh, Khươl.
const HIGHLAND_VOWELS: &[&str] =
    &["a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "ia", "iê", "ua", "uê", "uô", "ươ", "oa", "oă"];

/// Đăk, Krông, Glei, Pưh: a cluster before any rhyme, or a consonant at the end that no other syllable ends with.
fn is_highland(bare: &str) -> bool {
    let is_rhyme = |rhyme: &str| {
        RHYME_SET.contains(rhyme)
            || matches!(rhyme, "ei" | "êi")
            || rhyme.strip_suffix('k').is_some_and(|vowel| RHYME_SET.contains(vowel) || vowel == "ă")
    };
    if let Some(body) = bare.strip_suffix(['r', 'l', 'h', 's', 'k'])
        && let Some(at) = body.find(is_vowel)
        && let Some((onset, vowel)) = body.split_at_checked(at)
    {
        let known =
            ["", "dj", "z", "w"].contains(&onset) || HIGHLAND_ONSETS.contains(&onset) || ONSETS.contains(&onset);
        if known && HIGHLAND_VOWELS.contains(&vowel) {
            return true;
        }
    }
    HIGHLAND_ONSETS.iter().any(|onset| {
        bare.strip_prefix(onset).is_some_and(|rhyme| {
            is_rhyme(rhyme)
                && (onset.len() > 1
                    || *onset == "k"
                    || rhyme.ends_with('k')
                    || rhyme.ends_with("ei")
                    || rhyme.ends_with("êi"))
        })
    })
}

/// Whether the letters are an onset and a rhyme that may follow it.
fn splits(bare: &str) -> bool {
    let is_rhyme = |rhyme: &str| RHYME_SET.contains(rhyme);
    if is_rhyme(bare) {
        return true;
    }
    // gi swallows the i of its rhyme: gì, gìn, giếng, giết
    if let Some(rest) = bare.strip_prefix("gi") {
        return rest.is_empty()
            || matches!(rest, "n" | "m" | "êng" | "êt" | "êm" | "ên" | "êc")
            || (is_rhyme(rest) && !rest.starts_with(['i', 'y']));
    }
    let onset = ONSETS.iter().find(|onset| bare.starts_with(**onset));
    let Some((onset, rhyme)) = onset.and_then(|onset| Some((*onset, bare.get(onset.len()..)?))) else { return false };
    let front = rhyme.starts_with(['e', 'ê', 'i', 'y']);
    match onset {
        "qu" => {
            (is_rhyme(rhyme) && !rhyme.starts_with(['u', 'o', 'ô', 'ư']))
                || matches!(rhyme, "ynh" | "yt" | "ych" | "ôc")
        }
        "k" | "gh" | "ngh" => front && is_rhyme(rhyme) && (!rhyme.starts_with('y') || rhyme == "y"),
        "c" | "g" | "ng" => !front && is_rhyme(rhyme),
        "gi" => false,
        _ => is_rhyme(rhyme) && (!rhyme.starts_with('y') || rhyme == "y"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_syllables() {
        for word in [
            "nguyễn",
            "Văn",
            "khiếu",
            "nại",
            "quyết",
            "quỳnh",
            "quốc",
            "gì",
            "giếng",
            "gia",
            "giữ",
            "nghiêng",
            "hoà",
            "hòa",
            "thuý",
            "thúy",
            "ủy",
            "uỷ",
            "kỳ",
            "ghi",
            "ương",
            "yên",
            "Ý",
            "đường",
            "quý",
            "quít",
            "khuya",
            "quí",
            "gió",
            "giữa",
            "thuở",
            "khuỷu",
            "hoạ",
            "Đăk",
            "Krông",
            "Kạn",
            "Pék",
            "trường",
            "sĩ",
        ] {
            assert!(is_syllable(word), "{word}");
        }
        for word in [
            "nguyÔn", "céng1", "cê", "nghan", "têt", "cảch", "noël", "", "đăkk", "xyz", "hoàá", "sôì", "câù", "haí",
            "naò",
        ] {
            assert!(!is_syllable(word), "{word}");
        }
    }
}
