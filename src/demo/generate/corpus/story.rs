//! What happens in a commune: papers, where they go, what follows them.

use chrono::{Days, NaiveDate};

use super::super::chance::Dice;
use super::super::course::LAST_DAY;
use super::super::record::Document;
use super::super::story::FIRST_DAY;
use super::bureau::bureaus;
use super::citizen::{Home, mobile};
use super::matter::{Matter, project};
use super::paper::{Following, Follows, Organization, Paper};
use super::subject::{SUBJECTS, Subject};
use super::village::Village;
use super::{Entry, Truth, visit};
use crate::domain::PetitionType;
use crate::reference::commune::OldCommune;

/// The numbers given so far, each once in a corpus.
#[derive(Debug, Default)]
pub struct Numbers {
    pub persons: u32,
    pub petitions: u32,
    pub cases: u32,
    pub forms: u32,
    /// By bureau: its records.
    pub(super) entries: Vec<u32>,
}

/// What may happen, by its share in a thousand.
const AFFAIRS: &[(Affair, u32)] = &[
    (Affair::Lone, 878),
    (Affair::Form, 9),
    (Affair::Joint, 30),
    (Affair::Mass, 33),
    (Affair::Organization, 20),
    (Affair::Visit, 30),
];

#[derive(Debug, Clone, Copy)]
enum Affair {
    /// One household with a matter of its own.
    Lone,
    /// Neighbours with one printed form.
    Form,
    /// Several people, each with a paper, against one decision or act.
    Joint,
    /// One paper with a list of signers.
    Mass,
    Organization,
    /// Somebody came to speak and left no paper.
    Visit,
}

/// Writes what happens in one commune.
pub struct Scribe<'a> {
    pub(super) dice: &'a mut Dice,
    pub(super) village: Village,
    pub(super) numbers: &'a mut Numbers,
    wanted: usize,
    pub(super) written: Vec<Entry>,
    projects: [String; 2],
    /// Who writes letters for others here.
    writer: Dice,
    /// The last number of a decision of the authority here.
    pub(super) decided: u32,
    /// Households that have filed something, and about what.
    known: Vec<(usize, &'static Subject)>,
}

impl<'a> Scribe<'a> {
    pub fn new(dice: &'a mut Dice, commune: &'static OldCommune, numbers: &'a mut Numbers, wanted: usize) -> Self {
        numbers.entries.resize(bureaus().len(), 0);
        let village = Village::throw(dice, commune, wanted * 7 / 10, &mut numbers.persons);
        let projects = [project(dice), project(dice)];
        let decided = dice.between(1, 3_000);
        let writer = dice.fork(9);
        Self { dice, village, numbers, wanted, written: Vec::new(), projects, writer, decided, known: Vec::new() }
    }

    /// The records, as many as wanted and a few more where a story was under way.
    pub fn write(&mut self) -> Vec<Entry> {
        while self.written.len() < self.wanted {
            match self.dice.weighted(AFFAIRS) {
                Affair::Lone => self.lone(),
                Affair::Form => self.form(),
                Affair::Joint => self.joint(),
                Affair::Mass => self.mass(),
                Affair::Organization => self.organization(),
                Affair::Visit => self.visit(),
            }
        }
        std::mem::take(&mut self.written)
    }

    fn some_day(&mut self) -> NaiveDate {
        let span = (LAST_DAY - FIRST_DAY).num_days() as u32;
        FIRST_DAY + Days::new(u64::from(self.dice.between(10, span)))
    }

    fn subject(&mut self, fits: fn(&Subject) -> bool) -> &'static Subject {
        loop {
            let subject = self.dice.weighted(SUBJECTS);
            if fits(subject) {
                return subject;
            }
        }
    }

    /// A household with a matter: one in five is one that has filed before, and one in four of these has a matter of the
    /// same subject again.
    fn household(&mut self) -> (usize, &'static Subject) {
        let subject = self.subject(|_| true);
        let before = self.known.len() as u32;
        let known = self.known.get(self.dice.below(before) as usize).copied();
        if let Some((household, same)) = known.filter(|_| self.dice.chance(20)) {
            return (household, if self.dice.chance(25) { same } else { subject });
        }
        let household = self.dice.below(self.village.households.len() as u32) as usize;
        self.known.push((household, subject));
        (household, subject)
    }

    /// Somebody of a household, or several.
    fn people(&mut self, at: usize) -> Vec<usize> {
        let members: Vec<usize> = self.village.households.get(at).cloned().unwrap_or(0..1).collect();
        let wanted = *self.dice.weighted(&[(1, 84), (2, 13), (3, 3)]);
        let first = *self.dice.weighted(&[(0, 66), (1, 22), (2, 12)]) % members.len().max(1);
        members.iter().copied().cycle().skip(first).take(wanted.min(members.len())).collect()
    }

    /// One after another of distinct households, at most `wanted`.
    fn heads(&mut self, wanted: usize) -> Vec<usize> {
        let households = self.village.households.len();
        let first = self.dice.below(households as u32) as usize;
        let ring = self.village.households.iter().cycle().skip(first).take(wanted.min(households));
        ring.filter(|members| !members.is_empty()).map(|members| members.start).collect()
    }

    fn decision(&mut self, subject: &Subject, day: NaiveDate) -> Option<Document> {
        subject.is_decided.then(|| {
            self.decided = (self.decided + self.dice.between(1, 40)) % 6_000 + 1;
            let on = day - Days::new(u64::from(self.dice.between(8, 90)));
            Document { number: format!("{}/QĐ-{}", self.decided, signer(subject)), on }
        })
    }

    fn matter(&mut self, subject: &'static Subject, person: usize, day: NaiveDate) -> Option<Matter> {
        let decision = self.decision(subject, day);
        let citizen = self.village.citizens.get(person)?;
        let project = self.projects.get(usize::from(self.dice.chance(30))).map_or("", String::as_str);
        Some(Matter::throw(self.dice, subject, citizen, decision, project, day))
    }

    fn new_case(&mut self) -> u32 {
        self.numbers.cases += 1;
        self.numbers.cases
    }

    fn paper(&mut self, case: u32, matter: Matter, people: Vec<usize>, day: NaiveDate) -> Paper {
        self.numbers.petitions += 1;
        let petition_type = *self.dice.weighted(matter.subject.types);
        let hidden = matches!(petition_type, PetitionType::Denunciation | PetitionType::Reflection);
        Paper {
            petition: self.numbers.petitions,
            case,
            follows: None,
            form: None,
            wording: if self.dice.chance(15) { matter.templated(&self.writer) } else { matter.wording(self.dice) },
            petition_type,
            instance: 1,
            written_on: day - Days::new(u64::from(self.dice.between(0, 9))),
            people,
            organization: None,
            collector: None,
            is_mass: false,
            is_anonymous: hidden && self.dice.chance(8),
            is_confidential: petition_type != PetitionType::Denunciation && self.dice.chance(3),
            against: matter.decision.clone(),
            matter,
        }
    }

    fn lone(&mut self) {
        let day = self.some_day();
        let (household, subject) = self.household();
        let people = self.people(household);
        let Some(matter) = people.first().and_then(|first| self.matter(subject, *first, day)) else { return };
        let case = self.new_case();
        if self.dice.chance(18) {
            self.receive(case, &matter, &people, day);
        }
        let paper = self.paper(case, matter, people, day);
        self.course(paper, day);
    }

    /// Fifty neighbours with one printed form: fifty parcels, fifty decisions, fifty cases.
    fn form(&mut self) {
        let day = self.some_day();
        let size = *self.dice.weighted(&[((5, 12), 58), ((13, 30), 30), ((50, 50), 12)]);
        let size = self.dice.between(size.0, size.1) as usize;
        let heads = self.heads(size);
        let subject = self.subject(|subject| subject.is_own && subject.is_decided);
        let Some(first) = heads.first().and_then(|first| self.matter(subject, *first, day)) else { return };
        self.numbers.forms += 1;
        let form = self.numbers.forms;
        let words = self.dice.fork(u64::from(form));
        let collector = heads.first().and_then(|first| self.village.citizens.get(*first)?.phone.clone());
        for (nth, head) in heads.iter().enumerate() {
            let decision = first.decision.as_ref().map(|decision| {
                self.decided += 1;
                Document { number: format!("{}/QĐ-{}", self.decided, signer(subject)), on: decision.on }
            });
            let matter = first.beside(self.dice, nth as u32, decision);
            let case = self.new_case();
            let later = day + Days::new(u64::from(self.dice.below(12)));
            let mut paper = self.paper(case, matter, vec![*head], later);
            paper.petition_type = PetitionType::Complaint;
            paper.is_anonymous = false;
            paper.form = Some(form);
            paper.collector.clone_from(&collector);
            let said_alone = paper.wording.sentences.pop();
            paper.wording = paper.matter.form(&words);
            if self.dice.chance(15) {
                paper.wording.sentences.extend(said_alone);
            }
            self.course(paper, later.min(LAST_DAY));
        }
    }

    fn joint(&mut self) {
        let day = self.some_day();
        let size = self.dice.between(2, 6) as usize;
        let mut heads = self.heads(size);
        let is_family = self.dice.chance(30);
        if let Some(members) = heads.first().and_then(|first| self.village.household_of(*first)).filter(|_| is_family) {
            heads = members.collect();
        }
        let subject = self.subject(|subject| subject.is_decided || !subject.is_own);
        let Some(matter) = heads.first().and_then(|first| self.matter(subject, *first, day)) else { return };
        let case = self.new_case();
        let mut before: Option<u32> = None;
        let mut words = None;
        for head in heads {
            let later = (day + Days::new(u64::from(self.dice.below(40)))).min(LAST_DAY);
            let mut paper = self.paper(case, matter.clone(), vec![head], later);
            paper.follows = before.map(|petition| Follows { petition, how: Following::Joint });
            before = before.or(Some(paper.petition));
            // one wrote, the others copied it out
            let copied = words.get_or_insert_with(|| paper.wording.clone());
            if self.dice.chance(if is_family { 60 } else { 25 }) {
                copied.clone_into(&mut paper.wording);
            }
            self.course(paper, later);
        }
    }

    fn mass(&mut self) {
        let day = self.some_day();
        let size = *self.dice.weighted(&[((5, 9), 50), ((10, 20), 35), ((21, 40), 15)]);
        let size = self.dice.between(size.0, size.1) as usize;
        let heads = self.heads(size);
        let subject = self.subject(|subject| !subject.is_own);
        let Some(matter) = heads.first().and_then(|first| self.matter(subject, *first, day)) else { return };
        let case = self.new_case();
        let mut paper = self.paper(case, matter, heads, day);
        paper.is_mass = true;
        paper.is_anonymous = false;
        self.course(paper, day);
    }

    fn organization(&mut self) {
        let day = self.some_day();
        let subject = self.subject(|subject| subject.is_decided);
        let Some(matter) = self.matter(subject, 0, day) else { return };
        self.numbers.persons += 1;
        let person = self.numbers.persons;
        let kinds = ["Công ty TNHH", "Công ty cổ phần", "Hợp tác xã", "Doanh nghiệp tư nhân"];
        let words = ["Minh", "Phát", "Thành", "Đại", "Hưng", "Tân", "Việt", "Hoàng", "An", "Thịnh", "Phú", "Long"];
        let (kind, first, second) = (self.dice.word(&kinds), self.dice.word(&words), self.dice.word(&words));
        let name = format!("{kind} {first} {second} {}", self.village.commune.name);
        let case = self.new_case();
        let mut paper = self.paper(case, matter, Vec::new(), day);
        let Some(home) = Home::throw(self.dice, self.village.commune) else { return };
        let (tax_code, phone) = (tax_code(self.dice), mobile(self.dice));
        paper.organization = Some(Organization { person, name, tax_code, phone, home });
        paper.is_anonymous = false;
        self.course(paper, day);
    }

    /// Somebody comes to speak, and no paper follows.
    fn visit(&mut self) {
        let day = self.some_day();
        let (household, subject) = self.household();
        let people = self.people(household);
        let Some(matter) = people.first().and_then(|first| self.matter(subject, *first, day)) else { return };
        let case = self.new_case();
        self.receive(case, &matter, &people, day);
    }

    /// A turn of reception about this case, some days before a paper comes.
    fn receive(&mut self, case: u32, matter: &Matter, people: &[usize], day: NaiveDate) {
        let day = day - Days::new(u64::from(self.dice.below(9)));
        let at = self.bureau(matter.subject);
        let Some(bureau) = bureaus().get(at) else { return };
        let record_id = bureau.record_id(self.entry(at), day);
        let (record, persons) =
            visit::record(self.dice, bureau, &record_id, matter, people, &self.village.citizens, day);
        let truth = Truth { petition: None, case, filing: None, follows: None, form: None, persons };
        self.written.push(Entry { bureau, record_id, record, truth });
    }
}

/// Ten digits of which the last is a check digit (Circular 105/2020/TT-BTC, article 5).
fn tax_code(dice: &mut Dice) -> String {
    loop {
        let number = dice.between(10_000_000, 399_999_999);
        let digits = format!("{number:09}");
        let sum: u32 =
            digits.bytes().zip([31, 29, 23, 19, 17, 13, 7, 5, 3]).map(|(d, w)| u32::from(d - b'0') * w).sum();
        if let Some(check) = 10_u32.checked_sub(sum % 11).filter(|check| *check < 10) {
            return format!("{digits}{check}");
        }
    }
}

/// The organ that signs the decisions that such petitions complain of.
fn signer(subject: &Subject) -> &'static str {
    match subject.central {
        "nganh-bhxh" => "BHXH",
        "btp" => "CCTHADS",
        _ => "UBND",
    }
}
