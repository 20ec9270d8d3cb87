//! Where a paper goes, who sends it on, how far each agency comes, and what follows a decision.

use chrono::{Days, NaiveDate};

use super::super::chance::Dice;
use super::super::course::LAST_DAY;
use super::super::record::Document;
use super::bureau::{bureaus, of_id, of_province};
use super::paper::{Ending, Filing, Following, Follows, Lodging, Paper};
use super::story::Scribe;
use super::subject::Subject;
use super::{Entry, Truth, clerk};
use crate::domain::{Action, PetitionType};

impl Scribe<'_> {
    /// A paper is lodged, and what follows follows.
    pub(super) fn course(&mut self, paper: Paper, day: NaiveDate) {
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
        if next.people.len() == 1 && self.dice.chance(6) {
            // the old man died, or the wife goes on
            let house = next.people.first().and_then(|first| self.village.household_of(*first));
            next.people = house.and_then(Iterator::last).map_or(next.people, |last| vec![last]);
        }
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
    pub(super) fn bureau(&mut self, subject: &Subject) -> usize {
        match self.dice.below(100) {
            0..78 => self.home(),
            78..93 => of_id(subject.central),
            _ => of_id("ttcp"),
        }
    }

    /// Where else it goes: often another office in the same province, whose system is the same.
    fn other(&mut self, subject: &Subject) -> usize {
        match self.dice.below(100) {
            0..60 => self.home(),
            60..72 => of_id("ttcp"),
            72..86 => of_id(subject.central),
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
    pub(super) fn entry(&mut self, at: usize) -> u32 {
        let Some(entry) = self.numbers.entries.get_mut(at) else { return 0 };
        *entry += 1;
        *entry
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
