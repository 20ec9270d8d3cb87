//! How right the filings of the corpus are put together, against its truth: the judge of `linkage::petition`.

#![expect(clippy::indexing_slicing, reason = "every index is a filing of the slice it was counted from")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use super::generate::corpus::{Corpus, Following, Relation, Truth};
use crate::domain::{Kind, NormalizedRecord, RecordKey};
use crate::linkage::person::Matcher;
use crate::linkage::petition::{Features, Given, Groups, Judge, Model, Pair, Phrases, Thresholds, Trainer, levels};

/// Filings that may share a key before it is skipped, as in intake.
pub const CAP: usize = 64;

/// One petition as one agency has it, and the truth about it.
#[derive(Debug)]
pub struct Filing {
    pub key: RecordKey,
    pub features: Features,
    pub truth: Truth,
    pub summary: String,
}

/// The petitions among the first so many records of a corpus, as intake reads them.
pub fn petitions(seed: u64, records: usize) -> impl Iterator<Item = (NormalizedRecord, Truth)> {
    let read = Corpus::new(seed, records).filter_map(|entry| Some((entry.normalized().ok()?, entry.truth)));
    read.filter(|(record, _)| record.kind == Kind::Petition)
}

/// The same, ready to be compared.
pub fn filings(seed: u64, records: usize, phrases: &Phrases) -> Vec<Filing> {
    let filing = |(record, truth): (NormalizedRecord, Truth)| {
        let features = Features::of(&record, phrases)?;
        Some(Filing { features, truth, summary: record.summary.unwrap_or_default(), key: record.key })
    };
    petitions(seed, records).filter_map(filing).collect()
}

/// What two filings really are to one another.
pub fn pair(a: &Truth, b: &Truth) -> Pair {
    let meets = a.persons.iter().any(|person| b.persons.contains(person));
    match a.relation(b) {
        Some(Relation::Copy | Relation::Repeat) => Pair::Same,
        Some(Relation::Case(Following::NextInstance | Following::Recast | Following::Recurrence)) => Pair::Follow,
        Some(Relation::SameCase) if meets => Pair::Follow,
        Some(Relation::Case(Following::Joint) | Relation::SameCase) => Pair::Joint,
        Some(Relation::Sibling) => Pair::Sibling,
        None if meets => Pair::Own,
        None => Pair::Stranger,
    }
}

/// Candidate pairs: those that share a key that not too many have.
#[derive(Debug)]
pub struct Blocked {
    /// In order, the smaller first.
    pub pairs: Vec<(usize, usize)>,
    /// Keys of all filings together.
    pub keys: usize,
    /// By rule: keys that too many have.
    pub skipped: BTreeMap<String, usize>,
}

pub fn block(filings: &[Filing], matcher: &Matcher) -> Blocked {
    let mut blocks: HashMap<String, Vec<usize>> = HashMap::new();
    let mut keys = 0;
    for (at, filing) in filings.iter().enumerate() {
        for key in filing.features.keys(matcher) {
            keys += 1;
            blocks.entry(key).or_default().push(at);
        }
    }
    let mut pairs = HashSet::new();
    let mut skipped: BTreeMap<String, usize> = BTreeMap::new();
    for (key, block) in &blocks {
        if block.len() > CAP {
            *skipped.entry(key.split(':').next().unwrap_or("").to_owned()).or_default() += 1;
            continue;
        }
        for (place, one) in block.iter().enumerate() {
            pairs.extend(block[place + 1..].iter().map(|other| (*one, *other)));
        }
    }
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_unstable();
    Blocked { pairs, keys, skipped }
}

/// Pairs that are right, wrong and missed.
#[derive(Debug, Default, Clone, Copy)]
pub struct Score {
    pub right: u64,
    pub wrong: u64,
    pub missed: u64,
}

impl Score {
    pub fn count(&mut self, said: bool, is: bool) {
        match (said, is) {
            (true, true) => self.right += 1,
            (true, false) => self.wrong += 1,
            (false, true) => self.missed += 1,
            (false, false) => {}
        }
    }

    /// Of the pairs that were made: how many are right.
    pub fn precision(&self) -> f64 {
        self.right as f64 / ((self.right + self.wrong) as f64).max(1.0)
    }

    /// Of the pairs that should have been made: how many were.
    pub fn recall(&self) -> f64 {
        self.right as f64 / ((self.right + self.missed) as f64).max(1.0)
    }

    pub fn f1(&self) -> f64 {
        2.0 * self.right as f64 / ((2 * self.right + self.wrong + self.missed) as f64).max(1.0)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (precision, recall, f1) = (self.precision(), self.recall(), self.f1());
        let Self { right, wrong, missed } = self;
        write!(
            f,
            "precision {precision:.4} recall {recall:.4} F1 {f1:.4} ({right} right, {wrong} wrong, {missed} missed)"
        )
    }
}

/// The petition that a filing really is of; receptions are none.
pub fn petition_of(truth: &Truth) -> u32 {
    truth.petition.unwrap_or(u32::MAX)
}

pub const fn case_of(truth: &Truth) -> u32 {
    truth.case
}

/// Filings that belong together, as lists of their numbers.
pub fn together(filings: &[Filing], key: fn(&Truth) -> u32) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    filings.iter().enumerate().for_each(|(at, filing)| groups.entry(key(&filing.truth)).or_default().push(at));
    groups.into_values().collect()
}

/// The pairs that groups make, against those that the truth makes.
pub fn score(filings: &[Filing], groups: &[Vec<usize>], key: fn(&Truth) -> u32) -> Score {
    let pairs_of = |count: u64| count * count.saturating_sub(1) / 2;
    let (mut right, mut made) = (0, 0);
    for group in groups {
        let mut of: HashMap<u32, u64> = HashMap::new();
        group.iter().for_each(|at| *of.entry(key(&filings[*at].truth)).or_default() += 1);
        right += of.values().copied().map(pairs_of).sum::<u64>();
        made += pairs_of(group.len() as u64);
    }
    let all: u64 = together(filings, key).iter().map(|group| pairs_of(group.len() as u64)).sum();
    Score { right, wrong: made - right, missed: all - right }
}

/// Petitions and cases of all filings, nothing known of them before.
pub fn grouped(filings: &[Filing], pairs: &[(usize, usize)], judge: &Judge<'_>) -> Groups {
    let listed: Vec<(&RecordKey, &Features)> = filings.iter().map(|filing| (&filing.key, &filing.features)).collect();
    judge.groups(&listed, pairs, &Given::default())
}

/// Links that are to be right at least: who is taken for another is harmed more than who has two files.
const PRECISION: f64 = 0.985;

/// What a lower threshold must bring to be taken.
const GAIN: f64 = 0.001;

/// A model of the levels that the pairs of one corpus show, with the thresholds that are best for the groups of another;
/// `tell` hears of each that is tried.
pub fn train(
    training: &[Filing],
    validation: &[Filing],
    phrases: &Phrases,
    matcher: &Matcher,
    mut tell: impl FnMut(Thresholds, Score, Score),
) -> Model {
    let mut trainer = Trainer::default();
    for (a, b) in block(training, matcher).pairs {
        let (a, b) = (&training[a], &training[b]);
        trainer.add(&levels(&a.features, &b.features, matcher), pair(&a.truth, &b.truth));
    }
    let pairs = block(validation, matcher).pairs;
    let mut best = Thresholds::default();
    let (mut petition, mut case) = (0.0, 0.0);
    for link in [6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        for cluster in [1.0, 0.0, -1.0, -2.0] {
            let tried =
                Thresholds { petition: link, case: link, petition_cluster: cluster, case_cluster: cluster, ..best };
            let model = trainer.model(tried, phrases.clone());
            let groups = grouped(validation, &pairs, &Judge::new(&model, matcher));
            let petitions = score(validation, &groups.petitions, petition_of);
            let cases = score(validation, &groups.cases, case_of);
            tell(tried, petitions, cases);
            if petitions.precision() >= PRECISION && petitions.f1() > petition + GAIN {
                petition = petitions.f1();
                best = Thresholds { petition: link, petition_cluster: cluster, ..best };
            }
            if cases.precision() >= PRECISION && cases.f1() > case + GAIN {
                case = cases.f1();
                best = Thresholds { case: link, case_cluster: cluster, ..best };
            }
        }
    }
    trainer.model(best, phrases.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkage::petition as linkage;

    /// Neither what the model learned from nor what its thresholds were set by.
    const SEED: u64 = 44;
    const RECORDS: usize = 5_000;

    #[test]
    fn filings_of_an_unseen_corpus_come_together_rightly() {
        let (matcher, model) = (Matcher::embedded(), Model::built_in());
        let filings = filings(SEED, RECORDS, &model.phrases);
        let blocked = block(&filings, &matcher);
        let keys = blocked.keys as f64 / filings.len() as f64;
        assert!(filings.len() > RECORDS * 8 / 10 && keys < 12.0, "{} filings with {keys} keys each", filings.len());
        let found: HashSet<(usize, usize)> = blocked.pairs.iter().copied().collect();
        let mut met = Score::default();
        for group in together(&filings, petition_of) {
            for (place, one) in group.iter().enumerate() {
                group[place + 1..].iter().for_each(|other| met.count(found.contains(&(*one, *other)), true));
            }
        }
        let judge = Judge::new(model, &matcher);
        let groups = grouped(&filings, &blocked.pairs, &judge);
        let petitions = score(&filings, &groups.petitions, petition_of);
        let cases = score(&filings, &groups.cases, case_of);
        println!("blocking {:.4}\npetitions {petitions}\ncases {cases}", met.recall());
        assert!(met.recall() > 0.97, "{:.4}", met.recall());
        assert!(petitions.precision() > 0.975 && petitions.f1() > 0.945, "petitions: {petitions}");
        assert!(cases.precision() > 0.975 && cases.f1() > 0.93, "cases: {cases}");
    }

    #[test]
    fn who_is_never_one_person_files_no_common_petition() {
        let (matcher, model) = (Matcher::embedded(), Model::built_in());
        let judge = Judge::new(model, &matcher);
        let filings = filings(SEED, 2_000, &model.phrases);
        let mut never = 0;
        for (a, b) in block(&filings, &matcher).pairs {
            let (a, b) = (&filings[a].features, &filings[b].features);
            let judgement = judge.judge(a, b);
            assert_eq!(judgement, judge.judge(b, a));
            let [one] = a.people.as_slice() else { continue };
            let [other] = b.people.as_slice() else { continue };
            if matcher.weigh(&one.person, &other.person).is_never {
                never += 1;
                assert!(judgement.is_never && !judgement.relation.is_some_and(linkage::Relation::is_petition));
            }
        }
        assert!(never > 100, "{never} pairs");
    }

    #[test]
    fn the_model_is_read_as_it_was_written_and_learns_again_what_it_was_taught() {
        let model = Model::built_in();
        assert_eq!(Model::parse(&model.to_toml(), model.phrases.clone()).unwrap().to_toml(), model.to_toml());
        assert!(model.pairs > 10_000 && model.thresholds.petition >= model.thresholds.review);
        let matcher = Matcher::embedded();
        let some = filings(SEED, 1_000, &model.phrases);
        let mut tried = 0;
        let learned = train(&some, &some, &model.phrases, &matcher, |_, _, _| tried += 1);
        assert_eq!(tried, 24);
        let blocked = block(&some, &matcher);
        let groups = grouped(&some, &blocked.pairs, &Judge::new(&learned, &matcher));
        let petitions = score(&some, &groups.petitions, petition_of);
        assert!(petitions.f1() > 0.9, "{petitions}");
    }
}
