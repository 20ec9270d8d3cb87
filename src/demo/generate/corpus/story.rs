//! What happens in a commune: papers, where they go, what follows them.

use chrono::{Days, NaiveDate};

use super::super::chance::Dice;
use super::super::course::LAST_DAY;
use super::super::record::Document;
use super::super::story::FIRST_DAY;
use super::bureau::{bureaus, of_id, of_province};
use super::matter::{Matter, project};
use super::paper::{Ending, Filing, Following, Follows, Lodging, Organization, Paper};
use super::subject::{SUBJECTS, Subject};
use super::village::Village;
use super::{Entry, Truth, clerk, visit};
use crate::domain::{Action, PetitionType};
use crate::reference::commune::OldCommune;

/// The numbers given so far, each once in a corpus.
#[derive(Debug, Default)]
pub struct Numbers {
    pub persons: u32,
    pub petitions: u32,
    pub cases: u32,
    pub forms: u32,
    /// By bureau: its records.
    entries: Vec<u32>,
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
    dice: &'a mut Dice,
    village: Village,
    numbers: &'a mut Numbers,
    wanted: usize,
    written: Vec<Entry>,
    projects: [String; 2],
    /// The last number of a decision of the authority here.
    decided: u32,
    /// Households that have filed something.
    known: Vec<usize>,
}

impl<'a> Scribe<'a> {
    pub fn new(dice: &'a mut Dice, commune: &'static OldCommune, numbers: &'a mut Numbers, wanted: usize) -> Self {
        numbers.entries.resize(bureaus().len(), 0);
        let village = Village::throw(dice, commune, wanted * 7 / 10, &mut numbers.persons);
        let projects = [project(dice), project(dice)];
        let decided = dice.between(1, 3_000);
        Self { dice, village, numbers, wanted, written: Vec::new(), projects, decided, known: Vec::new() }
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

    /// A household, one in five of those that have filed before.
    fn household(&mut self) -> usize {
        let before = self.known.len() as u32;
        if before > 0 && self.dice.chance(20) {
            return self.known.get(self.dice.below(before) as usize).copied().unwrap_or(0);
        }
        let household = self.dice.below(self.village.households.len() as u32) as usize;
        self.known.push(household);
        household
    }

    /// Somebody of a household, or several.
    fn people(&mut self) -> Vec<usize> {
        let at = self.household();
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
            wording: matter.wording(self.dice),
            petition_type,
            instance: 1,
            written_on: day - Days::new(u64::from(self.dice.between(0, 9))),
            people,
            organization: None,
            is_mass: false,
            is_anonymous: hidden && self.dice.chance(8),
            is_confidential: petition_type != PetitionType::Denunciation && self.dice.chance(3),
            against: matter.decision.clone(),
            matter,
        }
    }

    fn lone(&mut self) {
        let day = self.some_day();
        let people = self.people();
        let subject = self.subject(|_| true);
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
        let heads = self.heads(size);
        let subject = self.subject(|subject| subject.is_decided || !subject.is_own);
        let Some(matter) = heads.first().and_then(|first| self.matter(subject, *first, day)) else { return };
        let case = self.new_case();
        let mut before: Option<u32> = None;
        for head in heads {
            let later = (day + Days::new(u64::from(self.dice.below(40)))).min(LAST_DAY);
            let mut paper = self.paper(case, matter.clone(), vec![head], later);
            paper.follows = before.map(|petition| Follows { petition, how: Following::Joint });
            before = before.or(Some(paper.petition));
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
        paper.organization = Some(Organization { person, name });
        paper.is_anonymous = false;
        self.course(paper, day);
    }

    /// A paper is lodged, and what follows follows.
    fn course(&mut self, paper: Paper, day: NaiveDate) {
        let settled = self.lodge(&paper, day);
        let Some(settlement) = settled.filter(|_| !paper.is_anonymous) else { return };
        let is_complaint = paper.petition_type == PetitionType::Complaint;
        let next_instance = (Following::NextInstance, paper.petition_type, paper.instance + 1, (6, 40));
        let (how, petition_type, instance, wait) = match self.dice.below(100) {
            0..22 if is_complaint && paper.instance == 1 => next_instance,
            0..10 if paper.instance < 3 => next_instance,
            22..26 if is_complaint => (Following::Recast, PetitionType::Denunciation, 1, (10, 90)),
            26..31 if is_complaint => (Following::Recurrence, PetitionType::Complaint, 1, (150, 500)),
            _ => return,
        };
        let day = settlement.on + Days::new(u64::from(self.dice.between(wait.0, wait.1)));
        if day > LAST_DAY {
            return;
        }
        self.numbers.petitions += 1;
        let mut next = Paper {
            petition: self.numbers.petitions,
            follows: Some(Follows { petition: paper.petition, how }),
            petition_type,
            instance,
            written_on: day - Days::new(u64::from(self.dice.below(5))),
            wording: paper.matter.wording(self.dice),
            against: if self.dice.chance(65) { Some(settlement.clone()) } else { paper.against.clone() },
            ..paper
        };
        dispute(self.dice, &mut next, &settlement);
        self.course(next, day);
    }

    /// The paper comes to one agency and to others; the document that settled it, if one did.
    fn lodge(&mut self, paper: &Paper, day: NaiveDate) -> Option<Document> {
        let first = self.bureau(paper.matter.subject);
        let forwards = self.dice.chance(14);
        let to = if forwards { self.other(paper.matter.subject) } else { first };
        let sent_on = day + Days::new(u64::from(self.dice.between(5, 14)));
        let ending = match bureaus().get(to) {
            Some(bureau) if forwards => Ending::Forwarded(bureau.code, sent_on),
            _ => self.ending(paper, day),
        };
        let mut settled = document(&ending);
        self.enter(paper, Filing::Original, day, first, ending);
        if forwards {
            let arrival = sent_on + Days::new(u64::from(self.dice.between(1, 9)));
            let ending = self.ending(paper, arrival);
            settled = settled.or_else(|| document(&ending));
            self.enter(paper, Filing::Forwarded, arrival, to, ending);
        }
        let several = if paper.is_mass { 60 } else { 26 };
        if self.dice.chance(several) {
            for _ in 0..*self.dice.weighted(&[(1, 52), (2, 26), (3, 14), (4, 8)]) {
                let to = self.other(paper.matter.subject);
                let later = day + Days::new(u64::from(self.dice.below(15)));
                let ending = closed(self.dice);
                self.enter(paper, Filing::Copy, later, to, ending);
            }
        }
        if self.dice.chance(16) {
            self.again(paper, day, first);
        }
        settled
    }

    /// The same people with the same content once more, photocopied or written anew.
    fn again(&mut self, paper: &Paper, day: NaiveDate, first: usize) {
        let mut day = day;
        for _ in 0..*self.dice.weighted(&[(1, 72), (2, 22), (3, 6)]) {
            day = day + Days::new(u64::from(self.dice.between(25, 300)));
            let to = if self.dice.chance(62) { first } else { self.other(paper.matter.subject) };
            let mut repeat = Paper { written_on: day - Days::new(u64::from(self.dice.below(6))), ..paper.clone() };
            if self.dice.chance(40) {
                repeat.wording = paper.matter.wording(self.dice);
            }
            let ending = closed(self.dice);
            self.enter(&repeat, Filing::Repeat, day, to, ending);
        }
    }

    fn ending(&mut self, paper: &Paper, day: NaiveDate) -> Ending {
        use PetitionType::{Complaint, Denunciation};
        let decides = matches!(paper.petition_type, Complaint | Denunciation) && !paper.is_anonymous;
        let on = day + Days::new(u64::from(self.dice.between(25, 90)));
        if decides && on <= LAST_DAY && self.dice.chance(55) {
            self.decided = (self.decided + self.dice.between(1, 40)) % 6_000 + 1;
            let kind = if paper.petition_type == Denunciation { "KL" } else { "QĐ" };
            return Ending::Settled(Document { number: format!("{}/{kind}-UBND", self.decided), on });
        }
        if self.dice.chance(50) { Ending::Open } else { closed(self.dice) }
    }

    /// Where a paper goes first: the province, the ministry it is about, the central office of reception.
    fn bureau(&mut self, subject: &Subject) -> usize {
        match self.dice.below(100) {
            0..74 => self.home(),
            74..90 => of_id(subject.central),
            _ => of_id("ttcp"),
        }
    }

    /// Where else it goes: often another office in the same province, whose system is the same.
    fn other(&mut self, subject: &Subject) -> usize {
        match self.dice.below(100) {
            0..52 => self.home(),
            52..70 => of_id("ttcp"),
            70..86 => of_id(subject.central),
            86..92 => of_id("bca"),
            _ => self.dice.below(bureaus().len() as u32) as usize,
        }
    }

    fn home(&self) -> usize {
        let new = self.village.citizens.first().map_or("01", |citizen| citizen.home.new.province);
        of_province(new)
    }

    fn enter(&mut self, paper: &Paper, filing: Filing, day: NaiveDate, at: usize, ending: Ending) {
        let Some(bureau) = bureaus().get(at).filter(|_| day <= LAST_DAY) else { return };
        let lodging = Lodging { filing, day, ending };
        let record_id = bureau.record_id(self.entry(at), day);
        let (record, persons) = clerk::record(self.dice, bureau, &record_id, paper, &self.village.citizens, &lodging);
        let truth = Truth {
            petition: Some(paper.petition),
            case: paper.case,
            filing: Some(filing),
            follows: paper.follows,
            form: paper.form,
            persons,
        };
        self.written.push(Entry { bureau, record_id, record, truth });
    }

    /// The next number of a bureau.
    fn entry(&mut self, at: usize) -> u32 {
        let Some(entry) = self.numbers.entries.get_mut(at) else { return 0 };
        *entry += 1;
        *entry
    }

    /// Somebody comes to speak, and no paper follows.
    fn visit(&mut self) {
        let day = self.some_day();
        let people = self.people();
        let subject = self.subject(|_| true);
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

/// A later paper says what it does not accept.
fn dispute(dice: &mut Dice, paper: &mut Paper, settlement: &Document) {
    let (number, on) = (&settlement.number, settlement.on.format("%d/%m/%Y"));
    let sentence = match dice.below(3) {
        0 => {
            format!("Tôi không đồng ý với Quyết định giải quyết số {number} ngày {on} vì chưa xem xét đầy đủ chứng cứ.")
        }
        1 => format!("Ngày {on} tôi nhận được kết quả giải quyết số {number} nhưng nội dung không đúng sự thật."),
        _ => format!("Kết quả giải quyết số {number} ngày {on} bác toàn bộ yêu cầu của tôi là trái pháp luật."),
    };
    paper.wording.sentences.insert(0, sentence);
    paper.wording.gists.insert(0, format!("không đồng ý kết quả giải quyết số {number} ngày {on}"));
}

fn closed(dice: &mut Dice) -> Ending {
    Ending::Closed(*dice.weighted(&[
        (Action::Filed, 45),
        (Action::Guided, 30),
        (Action::Returned, 20),
        (Action::Withdrawn, 5),
    ]))
}

fn document(ending: &Ending) -> Option<Document> {
    match ending {
        Ending::Settled(document) => Some(document.clone()),
        _ => None,
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
