//! The steps that take a name cell apart.

use super::super::reading::Note;
use super::super::text::{flat_key, flat_words};
use super::person::{is_family_name, is_upper, name_of, name_words, starts_upper, without_lead};
use super::word::{COUNTED, COUPLE, GROUPS, KIN, ORGANIZATIONS, PLACES, honorific};
use super::{Draft, Person};
use crate::domain::Flag;

/// Nặc danh: the cell says that there is no name.
pub(super) fn anonymous(draft: &mut Draft) {
    const NONE: &[&str] = &[
        "nacdanh",
        "andanh",
        "giauten",
        "khuyetdanh",
        "khongten",
        "khongcoten",
        "khongroten",
        "khongrohoten",
        "khongghiten",
        "khongnehoten",
        "nguoigiauten",
        "donnacdanh",
        "nguoinacdanh",
        "congdangiauten",
        "khongneuten",
        "khongkyten",
        "donkhongten",
        "donkhongcoten",
        "donkhongkyten",
        "congdannacdanh",
    ];
    if NONE.contains(&flat_key(&draft.text).as_str()) {
        draft.names.anonymous = true;
        draft.notes.push(Note::tidied("anonymous"));
        draft.text.clear();
    }
}

/// What clerks type where they know no name: it would make one person of thousands.
pub(super) fn placeholder(draft: &mut Draft) {
    const UNKNOWN: &[&str] = &[
        "khongro",
        "khongco",
        "khongghi",
        "khong",
        "khongbiet",
        "khongxacdinh",
        "chuaxacdinh",
        "chuaro",
        "chuaco",
        "chuabiet",
        "chuacapnhat",
        "dangcapnhat",
        "khongcothongtin",
        "chuacothongtin",
        "khongcodulieu",
        "botrong",
        "null",
        "none",
        "test",
        "nguoidan",
        "congdan",
        "motcongdan",
        "nguoiguidon",
    ];
    let flat = flat_key(&draft.text);
    let same = flat.len() > 1 && flat.bytes().all(|byte| byte == b'x');
    if same || draft.text.eq_ignore_ascii_case("n/a") || UNKNOWN.contains(&flat.as_str()) {
        draft.notes.push(Note::doubt(Flag::NameSuspect, "placeholder"));
        draft.text.clear();
    }
}

/// "con ông B", "được ủy quyền của B": who is named behind it does not lodge the petition.
pub(super) fn relation(draft: &mut Draft) {
    const KIN: &[&str] =
        &[" con ông ", " con bà ", " con của ", " cháu ông ", " cháu bà ", " cháu của ", " vợ ông ", " chồng bà "];
    let spoken = |word: &str| matches!(word.to_lowercase().as_str(), "con" | "cháu" | "vợ" | "chồng" | "được" | "theo");
    let first = |word: &str| word.starts_with(['c', 'C', 'v', 'V', 'đ', 'Đ', 't', 'T']);
    if !draft.text.split(' ').any(|word| first(word) && spoken(word)) {
        return;
    }
    // "vợ chồng bà A": the couple, not the husband of A
    let is_couple = find_ignoring_case(&draft.text, "vợ chồng bà ").is_some();
    let kin: Vec<&str> = KIN.iter().copied().filter(|marker| !is_couple || *marker != " chồng bà ").collect();
    let starts = |marker: &&str| find_ignoring_case(&draft.text, marker.trim_start()) == Some(0);
    if kin.iter().any(starts) {
        draft.text.insert(0, ' ');
    }
    cut(draft, &kin, "kin");
    cut(draft, &[" được ủy quyền", " được uỷ quyền", " theo ủy quyền của ", " theo uỷ quyền của "], "remark");
}

/// What stands in brackets is said about the person: dead, called otherwise, born in, how many he stands for.
pub(super) fn brackets(draft: &mut Draft) {
    while let Some(open) = draft.text.find('(') {
        let close = draft.text.get(open..).and_then(|rest| rest.find(')')).map(|at| open + at);
        let end = close.map_or(draft.text.len(), |close| close + 1);
        let inside = draft.text.get(open + 1..close.unwrap_or(end)).unwrap_or_default().to_owned();
        // "ông (bà) Nguyễn Văn A" and a cell wholly in brackets
        let is_pair = matches!(inside.to_lowercase().as_str(), "bà" | "ông" | "chị" | "anh");
        let whole = open == 0 && end >= draft.text.len();
        draft.text.replace_range(open..end, if whole { inside.as_str() } else { " " });
        if whole || is_pair {
            continue;
        }
        remark(draft, &inside);
    }
    if draft.text.contains("  ") {
        draft.text = draft.text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    }
}

/// Reads a remark for what counts, and notes of which kind it was.
fn remark(draft: &mut Draft, inside: &str) {
    let words: Vec<String> = inside.split_whitespace().map(str::to_lowercase).collect();
    if head_count(draft, &words) {
        return;
    }
    let flat = format!(" {} ", flat_words(inside));
    let has = |phrase: &str| flat.contains(&format!(" {phrase} "));
    // whom a body names in brackets is its representative
    if begins_as_body(&flat_words(&draft.text)) && has("dai dien") {
        let who = inside.replace(':', " ");
        draft.text = format!("{}, {}", draft.text.trim_end(), who.trim());
        return;
    }
    let rule =
        if has("da chet") || has("da mat") || has("chet") || has("qua doi") || has("da qua doi") || flat == " mat " {
            "deceased"
        } else if has("tuc") || has("ten goi khac") || has("con goi la") || has("bi danh") || has("con goi") {
            "alias"
        } else {
            "remark"
        };
    draft.notes.push(Note::repaired(rule));
}

/// "tức Ba Lúa", "tên gọi khác: …": another name of the same person, up to the next comma.
pub(super) fn alias(draft: &mut Draft) {
    const MARKERS: &[&str] = &[
        " tức là ",
        " tức ",
        " tên gọi khác",
        " còn gọi là ",
        " hay còn gọi",
        " tên thường gọi",
        " thường gọi",
        " bí danh",
        ", tức ",
    ];
    cut(draft, MARKERS, "alias");
    cut(draft, &[" đã chết", " đã mất", " (đã chết"], "deceased");
}

/// "sinh năm 1950", "SN 1950": said elsewhere in the record.
pub(super) fn birth(draft: &mut Draft) {
    cut(draft, &[" sinh năm", " sinh ngày", " sn ", " sn:", " sn.", ", sn ", " s.n "], "birth");
}

/// Cuts from a marker to the next separator.
fn cut(draft: &mut Draft, markers: &[&str], rule: &'static str) {
    let mut lower = draft.text.to_lowercase();
    for marker in markers {
        while let Some(at) = lower.find(marker).filter(|_| lower.len() == draft.text.len()) {
            let rest = lower.get(at + marker.len()..).unwrap_or_default();
            let stop = [",", ";", "\n", " và ", " cùng "].iter().filter_map(|stop| rest.find(stop)).min();
            let end = stop.map_or(draft.text.len(), |end| at + marker.len() + end);
            if !draft.text.is_char_boundary(at) || !draft.text.is_char_boundary(end) {
                return;
            }
            draft.text.replace_range(at..end, "");
            draft.notes.push(Note::repaired(rule));
            lower = draft.text.to_lowercase();
        }
    }
}

/// Where a lower-case marker stands, in a text whose lower case has the same length.
fn find_ignoring_case(text: &str, marker: &str) -> Option<usize> {
    let lower = text.to_lowercase();
    (lower.len() == text.len()).then(|| lower.find(marker)).flatten().filter(|at| text.is_char_boundary(*at))
}

/// What ends the name of an organization: who represents it.
const ENDS: &[&str] = &[
    " do ông ",
    " do bà ",
    " do anh ",
    " do chị ",
    ", đại diện",
    " - đại diện",
    " – đại diện",
    "; đại diện",
    " đại diện:",
    " đại diện là",
    " người đại diện",
    ", người đại diện",
    " - ông ",
    " - bà ",
    ", ông ",
    ", bà ",
    " đại diện bởi",
    " - người đại diện",
    " đại diện theo",
    "\n",
    "; ông ",
    "; bà ",
];

fn begins_as_body(flat: &str) -> bool {
    ORGANIZATIONS.iter().any(|start| {
        let mut words = flat.split(' ');
        start.iter().all(|wanted| words.next() == Some(*wanted))
    })
}

/// An organization, up to who represents it; a group without names.
pub(super) fn organization(draft: &mut Draft) {
    if !begins_as_body(&flat_words(&draft.text)) {
        return;
    }
    let end = ENDS.iter().filter_map(|marker| find_ignoring_case(&draft.text, marker)).min();
    let name = draft.text.get(..end.unwrap_or(draft.text.len())).unwrap_or_default();
    let name = name.trim_matches([' ', ',', ';', '-', '.']).to_owned();
    let rest = end.and_then(|end| draft.text.get(end..)).unwrap_or_default();
    draft.text = rest
        .trim_start_matches([' ', ',', ';', '-', '–', '\n'])
        .trim_end_matches(" làm đại diện")
        .trim_end_matches(" đại diện")
        .to_owned();
    draft.notes.push(Note::tidied("organization"));
    draft.names.organization = Some(name);
}

/// What may stand after the one who represents the others.
const TAILS: &[&str] = &[" đại diện đứng đơn", " làm đại diện", " đứng đơn", " là đại diện", " đại diện"];

/// The people, one after the other.
pub(super) fn people(draft: &mut Draft) {
    let text = std::mem::take(&mut draft.text);
    // "25 hộ dân do ông A đại diện": he is one of them
    let tail = TAILS.iter().find_map(|tail| text.strip_suffix(tail));
    let mut in_address = false;
    for piece in pieces(tail.unwrap_or(&text)) {
        one_piece(draft, &piece, &mut in_address);
    }
    if tail.is_some() && draft.represented.is_none() && draft.others > 0 {
        draft.represented = Some(std::mem::take(&mut draft.others));
    }
}

/// A run of words that names at most one person.
#[derive(Debug, Default)]
struct Piece {
    words: Vec<String>,
    /// Words before a colon: "Đại diện 25 hộ dân:".
    label: Vec<String>,
    /// After a dash a remark is likelier than a person.
    after_dash: bool,
}

/// Cuts a cell at separators, "và", numbers of a list, and honorifics that begin another name.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = vec![Piece::default()];
    let spaced = text.replace(',', " , ").replace([';', '\n', '|'], " ; ").replace('&', " & ");
    let words: Vec<&str> = spaced.split(' ').filter(|word| !word.is_empty()).collect();
    let mixed_case = words.iter().any(|word| word.chars().any(char::is_lowercase));
    for (index, word) in words.iter().enumerate() {
        let lower = word.to_lowercase();
        let next = words.get(index + 1).copied().unwrap_or_default();
        let joins = matches!(lower.as_str(), "," | ";" | "&" | "và" | "cùng" | "với" | "/" | "-" | "–" | "+")
            && !is_name_word(&lower, word, next);
        if joins || is_list_number(word, next) {
            pieces.push(Piece { after_dash: matches!(*word, "-" | "–"), ..Piece::default() });
            continue;
        }
        let may_begin = honorific(&lower).is_some() || matches!(lower.as_str(), "đại" | "ủy" | "uỷ");
        let before = || pieces.last().map_or(0, |piece| name_words(&piece.words));
        if may_begin && {
            let before = before();
            begins_another(&lower, word, next, before, mixed_case) || begins_role(&lower, next, before)
        } {
            pieces.push(Piece::default());
        }
        let Some(piece) = pieces.last_mut() else { break };
        if let Some(label) = word.strip_suffix(':') {
            piece.words.push(label.to_owned());
            piece.label = std::mem::take(&mut piece.words);
        } else if let Some((left, right)) = slash(word) {
            // "ông/bà" is one honorific, "A/B" are two people
            if honorific(&left.to_lowercase()).is_some() && honorific(&right.to_lowercase()).is_some() {
                continue;
            }
            piece.words.push(left.to_owned());
            pieces.push(Piece { words: vec![right.to_owned()], ..Piece::default() });
        } else {
            piece.words.push((*word).to_owned());
        }
    }
    pieces.retain(|piece| !piece.words.is_empty() || !piece.label.is_empty());
    pieces
}

fn slash(word: &str) -> Option<(&str, &str)> {
    let (left, right) = word.split_once('/')?;
    (!left.is_empty() && !right.is_empty() && !word.eq_ignore_ascii_case("đ/c") && word.to_lowercase() != "đ/c")
        .then_some((left, right))
}

/// "Cùng" and "Với" with a capital inside a name are names.
fn is_name_word(lower: &str, word: &str, next: &str) -> bool {
    matches!(lower, "cùng" | "với") && starts_upper(word) && !is_upper(word) && starts_upper(next)
}

/// `1.` or `2)` before a name.
fn is_list_number(word: &str, next: &str) -> bool {
    let number = word.strip_suffix(['.', ')']);
    number.is_some_and(|number| {
        !number.is_empty() && number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit())
    }) && next.starts_with(char::is_alphabetic)
}

/// Whether an honorific in the middle begins another name: "ông Nguyễn Văn A bà Trần Thị B".
fn begins_another(lower: &str, word: &str, next: &str, words_before: usize, mixed_case: bool) -> bool {
    let Some((always, _)) = honorific(lower) else { return false };
    let small = !starts_upper(word) && mixed_case;
    words_before >= 2 && next.starts_with(char::is_uppercase) && (always || small)
}

/// "A đại diện cho 12 hộ", "B ủy quyền cho A": what follows a name and is said of it.
fn begins_role(lower: &str, next: &str, words_before: usize) -> bool {
    let next = next.to_lowercase();
    words_before >= 2 && matches!((lower, next.as_str()), ("đại", "diện") | ("ủy" | "uỷ", "quyền"))
}

fn one_piece(draft: &mut Draft, piece: &Piece, in_address: &mut bool) {
    let label: Vec<String> = piece.label.iter().map(|word| word.to_lowercase()).collect();
    // "02 hộ dân: A, B": who is named is among them
    if head_count(draft, &label) && draft.represented.is_none() {
        draft.represented = Some(std::mem::take(&mut draft.others));
    }
    let lower: Vec<String> = piece.words.iter().map(|word| word.to_lowercase()).collect();
    if head_count(draft, &lower) {
        draft.group.get_or_insert_with(|| piece.words.join(" "));
        return;
    }
    let begins =
        |start: &[&str]| lower.len() >= start.len() && lower.iter().zip(start).all(|(word, wanted)| word == wanted);
    if GROUPS.iter().any(|start| begins(start)) && !begins(&["các", "ông"]) && !begins(&["các", "bà"]) {
        group(draft, piece);
        return;
    }
    let mut words = piece.words.as_slice();
    let mut spouses = 0;
    if begins(COUPLE) && words.len() > COUPLE.len() {
        words = words.get(COUPLE.len()..).unwrap_or_default();
        spouses = 1;
        draft.notes.push(Note::repaired("couple"));
    }
    if KIN.contains(&lower.join(" ").as_str()) && !draft.names.people.is_empty() {
        draft.others += 1;
        draft.notes.push(Note::repaired("kin"));
        return;
    }
    // "các ông, bà": titles whose names follow
    if name_words(words) == 0 && spouses == 0 {
        return;
    }
    let (rest, lead) = without_lead(words);
    if lead.capacity {
        draft.notes.push(Note::repaired("capacity"));
    }
    let is_place = rest.first().is_some_and(|word| PLACES.contains(&word.to_lowercase().as_str()));
    if !lead.honorific && (is_place || *in_address) {
        *in_address = true;
        draft.notes.push(Note::repaired("address"));
        return;
    }
    person(draft, piece, rest, lead, spouses);
}

fn person(draft: &mut Draft, piece: &Piece, words: &[String], lead: super::person::Lead, spouses: u32) {
    let said_small = words.first().is_some_and(|word| !starts_upper(word));
    let beside_others = !draft.names.people.is_empty() || draft.names.organization.is_some();
    // "Nguyễn Văn A - giám đốc": after somebody, small letters say what he is
    // "Giám đốc Công ty X": a capital and small words are no name either, but "Trần thị B" is
    let says_what = words.first().is_some_and(|word| starts_upper(word) && !is_family_name(word))
        && words.iter().skip(1).any(|word| !starts_upper(word));
    if (said_small || says_what) && !lead.honorific && (beside_others || piece.after_dash) {
        draft.notes.push(Note::repaired("remark"));
        return;
    }
    // a telephone or a number after the name
    let is_number = |word: &&String| word.len() >= 4 && word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let digits = words.iter().rev().take_while(is_number).count();
    let digits = if digits < words.len() { digits } else { 0 };
    let (words, words_after) = words.split_at_checked(words.len() - digits).unwrap_or((words, &[]));
    if digits > 0 {
        let is_year = words_after.iter().all(|word| word.parse().is_ok_and(|year: u32| (1900..2100).contains(&year)));
        draft.notes.push(if is_year { Note::repaired("birth") } else { Note::doubt(Flag::NameSuspect, "digits") });
    }
    let Some((name, abbreviated)) = name_of(words) else {
        draft.notes.push(Note::doubt(Flag::NameSuspect, "not_a_name"));
        return;
    };
    if abbreviated {
        draft.notes.push(Note::repaired("abbreviation"));
    }
    if lead.honorific {
        draft.notes.push(Note::tidied("honorific"));
    }
    if name != words.join(" ") && !abbreviated {
        draft.notes.push(Note::tidied("proper_case"));
    }
    // the husband or wife who is named next is one of the two
    if draft.others > 0 && draft.notes.iter().any(|note| note.rule == "couple") && spouses == 0 {
        draft.others -= 1;
    }
    draft.others += spouses;
    draft.names.people.push(Person { name, gender: lead.gender });
}

/// "các hộ dân tổ 5": people without names, how many nobody says.
fn group(draft: &mut Draft, piece: &Piece) {
    draft.others_unknown = true;
    draft.notes.push(Note::repaired("group"));
    draft.group.get_or_insert_with(|| piece.words.join(" "));
}

/// "25 hộ dân", "và 12 người khác", "đại diện cho 30 hộ": takes the number in, `true` where there was one.
fn head_count(draft: &mut Draft, lower: &[String]) -> bool {
    for (at, word) in lower.iter().enumerate() {
        let Ok(number) = word.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u32>() else { continue };
        let after = lower.get(at + 1..).unwrap_or_default();
        let counted = COUNTED.iter().any(|unit| {
            after.len() >= unit.len()
                && after
                    .iter()
                    .zip(*unit)
                    .all(|(word, wanted)| word.trim_matches(|c: char| !c.is_alphabetic()) == *wanted)
        });
        if !counted || number == 0 || number > 1_000_000 {
            continue;
        }
        let before = lower.get(..at).unwrap_or_default();
        if before.windows(2).any(|pair| matches!(pair, [a, b] if a == "đại" && b == "diện")) {
            draft.represented = Some(number);
        } else {
            draft.others += number;
        }
        draft.notes.push(Note::repaired("head_count"));
        return true;
    }
    false
}
