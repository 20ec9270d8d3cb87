//! What a text names: documents, parcels, sums, dates, and the pairs of words that set it apart.

use serde::{Deserialize, Serialize};

use super::super::hash;
use super::phrase::{self, Phrases};
use super::word::{Document, Meaning, Word, Words};

/// A parcel of land (thửa đất) by its number on a map sheet (tờ bản đồ); 0 where one of them is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Parcel {
    pub plot: u32,
    pub sheet: u32,
}

impl Parcel {
    /// Whether both numbers are told.
    pub(super) const fn is_whole(self) -> bool {
        self.plot > 0 && self.sheet > 0
    }

    /// Whether both may be one.
    pub(super) const fn may_be(self, other: Self) -> bool {
        const fn fits(a: u32, b: u32) -> bool {
            a == b || a == 0 || b == 0
        }
        fits(self.plot, other.plot) && fits(self.sheet, other.sheet) && self.plot == other.plot
    }
}

/// All that is taken from one text.
#[derive(Default)]
pub(super) struct Mentions {
    pub(super) documents: Vec<Document>,
    pub(super) parcels: Vec<Parcel>,
    /// Sums, dates, measures, counts and years; see [`rarity`].
    pub(super) numbers: Vec<u32>,
    /// Hashes of pairs of words that few texts have.
    pub(super) units: Vec<u64>,
    /// The instance that the title tells: "khiếu nại lần hai", "tố cáo tiếp".
    pub(super) instance: Option<i32>,
    /// Whether it disputes an earlier settlement: "không đồng ý với kết quả giải quyết".
    pub(super) contests: bool,
}

/// Most of one sort that count: lists of a hundred parcels are compared by their first.
const MOST: usize = 12;

impl Mentions {
    pub(super) fn of(text: &str, phrases: &Phrases) -> Self {
        let words = Words::read(text);
        let mut mentions = Self::default();
        let mut taken = vec![false; words.list().len()];
        mentions.parcels(&words, &mut taken);
        mentions.documents(&words, &mut taken);
        mentions.numbers(&words, &taken);
        mentions.units(&words, phrases);
        mentions.instance = is_next(&words).then_some(2);
        mentions.contests = SETTLEMENTS.iter().any(|phrase| has(&words, phrase));
        mentions
    }

    /// `thửa đất số 12, tờ bản đồ số 5`, and the other way round.
    fn parcels(&mut self, words: &Words, taken: &mut [bool]) {
        let mut found: Vec<(usize, Parcel)> = Vec::new();
        let mut sheet: Option<(usize, u32)> = None;
        for at in 0..words.list().len() {
            let Some((word, _)) = words.get(at) else { continue };
            let near = |last: Option<usize>| last.is_some_and(|last| at - last < 12);
            if word == "thua" {
                if let Some((end, plot)) = number_after(words, at, &["dat", "so", "ruong", "o"]) {
                    let of_sheet = sheet.take().filter(|(last, _)| near(Some(*last)));
                    found.push((end, Parcel { plot, sheet: of_sheet.map_or(0, |(_, sheet)| sheet) }));
                    mark(taken, end);
                }
            } else if word == "to" {
                let is_map = words.get(at + 1).is_some_and(|(next, _)| next == "ban");
                let open = found.last().is_some_and(|(last, parcel)| parcel.sheet == 0 && near(Some(*last)));
                let Some((end, number)) = number_after(words, at, &["ban", "do", "so"]).filter(|_| is_map || open)
                else {
                    continue;
                };
                mark(taken, end);
                match found.last_mut() {
                    Some((_, parcel)) if open => parcel.sheet = number,
                    _ => sheet = Some((end, number)),
                }
            }
        }
        self.parcels = sorted(found.into_iter().map(|(_, parcel)| parcel));
    }

    /// Numbers with their signs, and those that only "Quyết định số" tells.
    fn documents(&mut self, words: &Words, taken: &mut [bool]) {
        let mut found = Vec::new();
        for at in 0..words.list().len() {
            match words.get(at) {
                Some((_, Meaning::Document(document))) => {
                    found.push(Document { on: day_of(words, at, taken), ..document });
                    mark(taken, at);
                }
                Some((_, Meaning::Number(number))) if is_document(words, at) => {
                    let Ok(number) = u32::try_from(number) else { continue };
                    found.push(Document { number, sign: 0, on: day_of(words, at, taken) });
                    mark(taken, at);
                }
                _ => {}
            }
        }
        self.documents = sorted(found.into_iter());
    }

    fn numbers(&mut self, words: &Words, taken: &[bool]) {
        let mut found = Vec::new();
        for at in (0..words.list().len()).filter(|at| taken.get(*at) == Some(&false)) {
            let Some((word, meaning)) = words.get(at) else { continue };
            let scaled = |value: u64| match words.get(at + 1).map(|(next, _)| next) {
                Some("trieu") => value.saturating_mul(1_000_000),
                Some("ty" | "ti") => value.saturating_mul(1_000_000_000),
                Some("nghin" | "ngan") => value.saturating_mul(1_000),
                _ => value,
            };
            let large = |letters: &str| LARGE | (hash::mix(phrase::word(letters)) >> 33) as u32;
            match meaning {
                Meaning::Number(number) => match scaled(number) {
                    0 => {}
                    value if value < SMALL => found.push(value as u32),
                    value => found.push(large(&value.to_string())),
                },
                Meaning::Decimal => found.push(large(word)),
                Meaning::Date(_) => found.push(DAY | large(word) >> 2 & (DAY - 1)),
                _ => {}
            }
        }
        // the rarest stand last
        found.sort_unstable();
        found.dedup();
        self.numbers = found.split_off(found.len().saturating_sub(NUMBERS));
    }

    fn units(&mut self, words: &Words, phrases: &Phrases) {
        let mut is_place = false;
        let hash = |word: &Word| {
            let letters = words.letters_of(word);
            // where somebody lives is compared with the petitioners
            is_place = LEVELS.contains(&letters) || (is_place && word.is_capital);
            (word.is_said() && !is_place).then(|| phrase::word(letters))
        };
        let hashes: Vec<Option<u64>> = words.list().iter().map(hash).collect();
        let pairs = hashes.windows(2).filter_map(|two| match two {
            [Some(first), Some(second)] => Some(phrase::pair(*first, *second)),
            _ => None,
        });
        self.units = pairs.filter(|pair| !phrases.has(*pair)).collect();
    }
}

/// Numbers that count.
const NUMBERS: usize = 20;
/// From here on numbers are kept as hashes, with this bit set.
const SMALL: u64 = 10_000;
const LARGE: u32 = 1 << 31;
/// Dates are kept as hashes, with this bit set alone.
const DAY: u32 = 1 << 30;

/// Whether a number is one that two texts seldom have both: a sum or a measure.
pub(super) const fn is_sum(number: u32) -> bool {
    number >= LARGE
}

/// How much it says that two texts have a number in common: about the logarithm to base 2 of how many there are of its
/// like.
pub(super) const fn rarity(number: u32) -> u32 {
    match number {
        LARGE.. => 13,
        DAY.. => 10,
        1900..2100 => 5,
        100.. => 8,
        10.. => 4,
        _ => 2,
    }
}

/// What an earlier settlement is called by those who dispute it.
const SETTLEMENTS: &[&[&str]] = &[
    &["ket", "qua", "giai", "quyet"],
    &["quyet", "dinh", "giai", "quyet"],
    &["ket", "luan", "noi", "dung"],
    &["giai", "quyet", "lan", "dau"],
    &["giai", "quyet", "khieu", "nai", "so"],
];

fn has(words: &Words, phrase: &[&str]) -> bool {
    let starts = |at: usize| {
        phrase.iter().enumerate().all(|(offset, word)| words.get(at + offset).is_some_and(|(said, _)| said == *word))
    };
    (0..words.list().len()).any(starts)
}

/// Words of a text among which its title stands.
const TITLE: usize = 40;

/// Whether the title tells of a second complaint or a continued denunciation.
fn is_next(words: &Words) -> bool {
    let is = |at: usize, options: &[&str]| words.get(at).is_some_and(|(word, _)| options.contains(&word));
    (0..TITLE.min(words.list().len())).any(|at| {
        is(at, &["nai", "cao", "kn", "tc"])
            && (is(at + 1, &["tiep"])
                || (is(at + 1, &["lan"])
                    && (is(at + 2, &["hai", "2", "ii"]) || (is(at + 2, &["thu"]) && is(at + 3, &["hai", "2"])))))
    })
}

/// What administrative units are called, behind which their names stand.
const LEVELS: &[&str] = &["xa", "phuong", "tran", "huyen", "quan", "tinh", "pho"];

/// In order, each once, the first so many.
fn sorted<T: Ord>(found: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = found.take(4 * MOST).collect();
    all.sort_unstable();
    all.dedup();
    all.truncate(MOST);
    all
}

fn mark(taken: &mut [bool], at: usize) {
    if let Some(taken) = taken.get_mut(at) {
        *taken = true;
    }
}

/// The number behind a word, at most the given words between; and where it stands.
fn number_after(words: &Words, at: usize, between: &[&str]) -> Option<(usize, u32)> {
    for next in at + 1..at + 5 {
        match words.get(next)? {
            (_, Meaning::Number(number)) => {
                return u32::try_from(number).ok().filter(|number| *number > 0).map(|number| (next, number));
            }
            (word, _) if between.contains(&word) => {}
            _ => return None,
        }
    }
    None
}

/// Words before the number of a document among which its day may stand.
const BEFORE: usize = 20;

/// The day of a document: "số 12/QĐ-UBND ngày 5/3/2024", or "Ngày 5/3/2024, UBND xã ban hành Quyết định số 12/QĐ-UBND".
fn day_of(words: &Words, at: usize, taken: &mut [bool]) -> Option<chrono::NaiveDate> {
    let day = |place: usize| match words.get(place) {
        Some((_, Meaning::Date(day))) => Some((place, day)),
        _ => None,
    };
    let behind =
        day(at + 1).or_else(|| day(at + 2).filter(|_| words.get(at + 1).is_some_and(|(word, _)| word == "ngay")));
    // not past another document, whose day it would be
    let is_document = |place: &usize| matches!(words.get(*place), Some((_, Meaning::Document(_))));
    let mut near = (at.saturating_sub(BEFORE)..at).rev().take_while(|place| !is_document(place));
    let (place, day) = behind.or_else(|| near.find_map(day))?;
    mark(taken, place);
    Some(day)
}

/// Whether the number at a place is that of a document: "quyết định số 12", "công văn 12".
fn is_document(words: &Words, at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| words.get(at)).map_or("", |(word, _)| word);
    let (last, kind) = if before(1) == "so" { (2, 3) } else { (1, 2) };
    let names = [("quyet", "dinh"), ("thong", "bao"), ("cong", "van"), ("ket", "luan"), ("van", "ban"), ("ban", "an")];
    names.contains(&(before(kind), before(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Mentions {
        Mentions::of(text, &Phrases::default())
    }

    #[test]
    fn parcels() {
        let whole = |plot, sheet| vec![Parcel { plot, sheet }];
        for (text, wanted) in [
            ("thửa đất số 123, tờ bản đồ số 45", whole(123, 45)),
            ("thua dat so 0123 to ban do so 45", whole(123, 45)),
            ("Thửa số 123 tờ 45", whole(123, 45)),
            ("thửa 123, TBĐ số 45", whole(123, 45)),
            ("tờ bản đồ số 45, thửa đất số 123", whole(123, 45)),
            ("thửa đất số 123 tại xã An Phú", whole(123, 0)),
            ("thửa đất này", vec![]),
            ("tổ 45 khu phố 3", vec![]),
            (
                "thửa số 1, tờ bản đồ số 2 và thửa số 3, tờ bản đồ số 4",
                vec![Parcel { plot: 1, sheet: 2 }, Parcel { plot: 3, sheet: 4 }],
            ),
        ] {
            assert_eq!(of(text).parcels, wanted, "{text}");
        }
        let (whole, half) = (Parcel { plot: 1, sheet: 2 }, Parcel { plot: 1, sheet: 0 });
        assert!(whole.may_be(half) && half.may_be(whole) && !whole.may_be(Parcel { plot: 3, sheet: 2 }));
    }

    #[test]
    fn documents() {
        let document = |text: &str| Document::parse(text).unwrap();
        let day = chrono::NaiveDate::from_ymd_opt(2024, 3, 5);
        for (text, wanted) in [
            ("Quyết định số 1234/QĐ-UBND ngày 5/3/2024", vec![Document { on: day, ..document("1234/QĐ-UBND") }]),
            ("QĐ số 1234 ngày 5 tháng 3 năm 2024", vec![Document { on: day, ..document("1234") }]),
            ("Ngày 5/3/2024, UBND ban hành QĐ số 1234", vec![Document { on: day, ..document("1234") }]),
            ("QĐ số 1234 của UBND huyện", vec![document("1234")]),
            ("theo Luật số 02/2011/QH13 và Nghị định 124/2020/NĐ-CP", vec![]),
            ("Bản án số 12/2020/DS-ST", vec![]),
            ("số nhà 12", vec![]),
        ] {
            assert_eq!(of(text).documents, wanted, "{text}");
        }
    }

    #[test]
    fn sums_are_equal_however_they_are_written() {
        let numbers = |text: &str| of(text).numbers;
        for (one, other) in [
            ("125 triệu đồng", "125.000.000 đồng"),
            ("125000000đ", "125.000.000 đ"),
            ("2 tỷ", "2.000.000.000 đồng"),
            ("ngày 5 tháng 3 năm 2024", "05/03/2024"),
            ("120,5 m²", "120,5m2"),
            ("Bản án số 12/2020/DS-ST", "bản án 12 / 2020/ds-st"),
        ] {
            assert_eq!(numbers(one), numbers(other), "{one} {other}");
        }
        assert_eq!(numbers("năm 1993 có 3 con, 45 cây, 45%").iter().map(|number| rarity(*number)).sum::<u32>(), 11);
        assert!(numbers("thửa đất số 1234, tờ bản đồ số 156, Quyết định số 999/QĐ-UBND ngày 5/3/2024").is_empty());
        assert_eq!(numbers("120,5 m² và 3.000.000 đồng").len(), 2);
    }

    #[test]
    fn titles_tell_the_instance_and_texts_what_they_dispute() {
        for (text, instance, contests) in [
            ("Đơn khiếu nại lần hai về việc thu hồi đất", Some(2), false),
            ("Bà Hoa KN lần 2 về việc thu hồi đất", Some(2), false),
            ("Đơn tố cáo tiếp", Some(2), false),
            ("Đơn khiếu nại; đã hòa giải lần hai", None, false),
            ("Tôi không đồng ý với kết quả giải quyết số 12", None, true),
            ("Rất mong được giải quyết", None, false),
        ] {
            let mentions = of(text);
            assert_eq!((mentions.instance, mentions.contests), (instance, contests), "{text}");
        }
    }

    #[test]
    fn what_everybody_writes_is_no_unit() {
        let phrases = Phrases::parse("kinh gui uy ban nhan dan\n");
        let text = "Kính gửi UBND xã An Phú";
        assert_eq!(of(text).units.len(), 5);
        // nor is the name of a place
        assert_eq!(Mentions::of("Kính gửi UBND xã An Phú về giá đất", &phrases).units.len(), 2);
    }
}
