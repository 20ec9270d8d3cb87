//! How right filings are put together where no agency refers to another's record, and what it costs.
//!
//! ```text
//! cargo bench --bench petition                            evaluate, then speed
//! cargo bench --bench petition -- train [RECORDS]         writes config/linkage/petition.toml and -phrases.txt
//! cargo bench --bench petition -- evaluate [RECORDS]      blocking, pairs and groups of a corpus of another seed
//! cargo bench --bench petition -- errors [RECORDS]        the levels of the worst errors of each kind
//! cargo bench --bench petition -- speed                   microseconds a record and a pair
//! ```

#![expect(clippy::indexing_slicing, clippy::expect_used, reason = "a bench that goes wrong may stop where it stands")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

use petitiond::demo::generate::LAST_DAY;
use petitiond::demo::generate::corpus::{Corpus, Entry, Following, Relation, Truth};
use petitiond::domain::{Kind, NormalizedRecord, RecordKey};
use petitiond::linkage::petition::{
    COMPARISONS, Features, Given, Judge, Model, Pair, Persons, PhraseTrainer, Phrases, Plain, Thresholds, Trainer,
    levels, threshold,
};
use petitiond::normalize::{self, Context};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seeds of the corpora: what the model learns from, what its thresholds are set by, what it is judged by.
const TRAINING: u64 = 11;
const VALIDATION: u64 = 22;
const TEST: u64 = 33;

/// Filings that may share a key before it is skipped.
const CAP: usize = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let records = |default: usize| arguments.get(1).and_then(|count| count.parse().ok()).unwrap_or(default);
    match arguments.first().map(String::as_str) {
        Some("train") => train(records(60_000)),
        Some("evaluate") => evaluate(records(20_000)),
        Some("errors") => errors(records(20_000)),
        Some("speed") => speed(),
        _ => {
            evaluate(20_000);
            speed();
        }
    }
}

fn persons() -> &'static dyn Persons {
    &Plain
}

/// One record as intake reads it.
fn normalized(entry: Entry) -> (NormalizedRecord, Truth) {
    let context = Context { agency: entry.bureau.code, today: LAST_DAY + chrono::Days::new(20) };
    let source_id = entry.bureau.source_id.clone();
    let key = RecordKey { source_id, record_id: entry.record_id };
    (normalize::record(&context, key, entry.record, Vec::new()).expect("a whole record"), entry.truth)
}

fn petitions(seed: u64, count: usize) -> Vec<(NormalizedRecord, Truth)> {
    Corpus::new(seed, count).map(normalized).filter(|(record, _)| record.kind == Kind::Petition).collect()
}

/// One filing, and the truth about it.
struct Filing {
    key: RecordKey,
    features: Features,
    truth: Truth,
    summary: String,
}

fn filings(seed: u64, count: usize, phrases: &Phrases) -> Vec<Filing> {
    let filing = |(record, truth): (NormalizedRecord, Truth)| {
        let features = Features::of(&record, phrases).expect("a petition");
        Filing { features, truth, summary: record.summary.clone().unwrap_or_default(), key: record.key }
    };
    petitions(seed, count).into_iter().map(filing).collect()
}

fn kind(a: &Truth, b: &Truth) -> Pair {
    let meets = a.persons.iter().any(|person| b.persons.contains(person));
    match a.relation(b) {
        Some(Relation::Copy | Relation::Repeat) => Pair::Same,
        Some(Relation::Case(Following::NextInstance | Following::Recast | Following::Recurrence)) => Pair::Follow,
        Some(Relation::Case(Following::Joint)) => Pair::Joint,
        Some(Relation::SameCase) if meets => Pair::Follow,
        Some(Relation::SameCase) => Pair::Joint,
        Some(Relation::Sibling) => Pair::Sibling,
        None if meets => Pair::Own,
        None => Pair::Stranger,
    }
}

/// Candidate pairs, by keys that not too many share.
struct Blocked {
    pairs: Vec<(usize, usize)>,
    keys: usize,
    skipped: BTreeMap<String, usize>,
}

fn block(filings: &[Filing]) -> Blocked {
    let mut blocks: HashMap<String, Vec<usize>> = HashMap::new();
    let mut keys = 0;
    for (at, filing) in filings.iter().enumerate() {
        for key in filing.features.keys() {
            keys += 1;
            blocks.entry(key).or_default().push(at);
        }
    }
    let mut pairs = HashSet::new();
    let mut skipped: BTreeMap<String, usize> = BTreeMap::new();
    for (key, block) in &blocks {
        if block.len() > CAP {
            *skipped.entry(key.chars().take(1).collect()).or_default() += 1;
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

fn train(records: usize) {
    let mut trainer = PhraseTrainer::default();
    for (record, _) in petitions(TRAINING, records) {
        let place = record.petitioners.first().and_then(|one| one.place.commune_code.clone()).unwrap_or_default();
        trainer.add(record.summary.as_deref().unwrap_or(""), &place);
    }
    let lines = format!("# Phrases that petitions have in common, flat. Written by training.\n{}", trainer.lines());
    let phrases = Phrases::parse(&lines);
    let training = filings(TRAINING, records, &phrases);
    let mut trainer = Trainer::default();
    for (a, b) in block(&training).pairs {
        let (a, b) = (&training[a], &training[b]);
        trainer.add(&levels(&a.features, &b.features, persons()), kind(&a.truth, &b.truth));
    }
    let open = Thresholds { petition: f32::MIN, case: f32::MIN, ..Thresholds::default() };
    let model = trainer.model(open, phrases.clone());
    let validation = filings(VALIDATION, records / 2, &phrases);
    let judge = Judge::new(&model, persons());
    let (mut petition, mut case) = (Vec::new(), Vec::new());
    for (a, b) in block(&validation).pairs {
        let judgement = judge.judge(&validation[a].features, &validation[b].features);
        let kind = kind(&validation[a].truth, &validation[b].truth);
        if !judgement.is_never {
            petition.push((judgement.bits, kind == Pair::Same));
        }
        if !judgement.is_never_case {
            case.push((judgement.case_bits, kind.is_case()));
        }
    }
    let thresholds = Thresholds {
        petition: threshold(&mut petition, 0.985),
        case: threshold(&mut case, 0.985),
        ..Thresholds::default()
    };
    println!("thresholds {thresholds:?}");
    let model = trainer.model(thresholds, phrases);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/config/linkage");
    std::fs::write(format!("{folder}/petition.toml"), model.to_toml()).expect("the model is written");
    std::fs::write(format!("{folder}/petition-phrases.txt"), lines).expect("the phrases are written");
}

/// Right, wrong and missed.
#[derive(Default, Clone, Copy)]
struct Score {
    right: u64,
    wrong: u64,
    missed: u64,
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (right, wrong, missed) = (self.right as f64, self.wrong as f64, self.missed as f64);
        let (precision, recall) = (right / (right + wrong).max(1.0), right / (right + missed).max(1.0));
        let f1 = 2.0 * right / (2.0 * right + wrong + missed).max(1.0);
        write!(
            f,
            "precision {precision:.4} recall {recall:.4} F1 {f1:.4} ({right} right, {wrong} wrong, {missed} missed)"
        )
    }
}

const fn pairs_of(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}

fn by<K: std::hash::Hash + Eq>(filings: &[Filing], key: impl Fn(&Truth) -> K) -> HashMap<K, Vec<usize>> {
    let mut groups: HashMap<K, Vec<usize>> = HashMap::new();
    filings.iter().enumerate().for_each(|(at, filing)| groups.entry(key(&filing.truth)).or_default().push(at));
    groups
}

/// Pairs that groups make, against those that the truth makes.
fn score(filings: &[Filing], groups: &[Vec<usize>], key: impl Fn(&Truth) -> u32) -> Score {
    let (mut right, mut made) = (0, 0);
    for group in groups {
        let mut of: HashMap<u32, u64> = HashMap::new();
        group.iter().for_each(|at| *of.entry(key(&filings[*at].truth)).or_default() += 1);
        right += of.values().copied().map(pairs_of).sum::<u64>();
        made += pairs_of(group.len() as u64);
    }
    let all: u64 = by(filings, &key).values().map(|group| pairs_of(group.len() as u64)).sum();
    Score { right, wrong: made - right, missed: all - right }
}

fn petition_of(truth: &Truth) -> u32 {
    truth.petition.expect("a petition")
}

fn evaluate(records: usize) {
    let model = Model::built_in();
    let filings = filings(TEST, records, &model.phrases);
    let blocked = block(&filings);
    let judge = Judge::new(model, persons());
    println!(
        "{} filings, {:.1} keys and {:.1} candidate pairs each; skipped keys {:?}",
        filings.len(),
        blocked.keys as f64 / filings.len() as f64,
        blocked.pairs.len() as f64 / filings.len() as f64,
        blocked.skipped
    );
    let found: HashSet<(usize, usize)> = blocked.pairs.iter().copied().collect();
    let recall = |groups: Vec<Vec<usize>>| {
        let (mut all, mut met) = (0_u64, 0_u64);
        for group in groups {
            for (place, one) in group.iter().enumerate() {
                for other in &group[place + 1..] {
                    all += 1;
                    met += u64::from(found.contains(&(*one, *other)));
                }
            }
        }
        format!("{:.4} of {all}", met as f64 / all.max(1) as f64)
    };
    println!("blocking recall: petitions {}", recall(by(&filings, petition_of).into_values().collect()));
    println!("blocking recall: cases     {}", recall(by(&filings, |truth| truth.case).into_values().collect()));
    let (mut petition, mut case) = (Score::default(), Score::default());
    let mut relations: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (a, b) in &blocked.pairs {
        let judgement = judge.judge(&filings[*a].features, &filings[*b].features);
        let kind = kind(&filings[*a].truth, &filings[*b].truth);
        let count = |score: &mut Score, said: bool, is: bool| match (said, is) {
            (true, true) => score.right += 1,
            (true, false) => score.wrong += 1,
            (false, true) => score.missed += 1,
            (false, false) => {}
        };
        let relation = judgement.relation;
        count(&mut petition, relation.is_some_and(|relation| relation.is_petition()), kind == Pair::Same);
        count(&mut case, relation.is_some_and(|relation| relation.is_case()), kind.is_case());
        let told = relation.map_or("-", |relation| relation.as_str());
        *relations.entry((true_name(&filings[*a].truth, &filings[*b].truth), told)).or_default() += 1;
    }
    println!("candidate pairs: petitions {petition}");
    println!("candidate pairs: cases     {case}");
    let started = Instant::now();
    let listed: Vec<(&RecordKey, &Features)> = filings.iter().map(|filing| (&filing.key, &filing.features)).collect();
    let groups = judge.groups(&listed, &blocked.pairs, &Given::default());
    println!("groups: petitions {}", score(&filings, &groups.petitions, petition_of));
    println!("groups: cases     {}", score(&filings, &groups.cases, |truth| truth.case));
    println!("grouped in {:?}", started.elapsed());
    println!("{:>16} {:>16} pairs", "is", "told");
    for ((is, told), count) in relations {
        println!("{is:>16} {told:>16} {count}");
    }
}

fn true_name(a: &Truth, b: &Truth) -> &'static str {
    match a.relation(b) {
        Some(Relation::Copy) => "copy, forwarded",
        Some(Relation::Repeat) => "repeat",
        Some(Relation::Case(Following::NextInstance)) => "next_instance",
        Some(Relation::Case(Following::Recast)) => "recast",
        Some(Relation::Case(Following::Recurrence)) => "recurrence",
        Some(Relation::Case(Following::Joint)) => "joint",
        Some(Relation::SameCase) => "same case",
        Some(Relation::Sibling) => "sibling",
        None => "none",
    }
}

/// The levels of errors, and the texts of a few.
fn errors(records: usize) {
    let model = Model::built_in();
    let filings = filings(VALIDATION, records, &model.phrases);
    let judge = Judge::new(model, persons());
    let mut kinds: BTreeMap<(&str, String), Vec<(f32, usize, usize)>> = BTreeMap::new();
    for (a, b) in block(&filings).pairs {
        let judgement = judge.judge(&filings[a].features, &filings[b].features);
        let kind = kind(&filings[a].truth, &filings[b].truth);
        let is_petition = judgement.relation.is_some_and(|relation| relation.is_petition());
        let is_case = judgement.relation.is_some_and(|relation| relation.is_case());
        if is_petition != (kind == Pair::Same) || is_case != kind.is_case() {
            let told = judgement.relation.map_or("-", |relation| relation.as_str()).to_owned();
            kinds.entry((true_name(&filings[a].truth, &filings[b].truth), told)).or_default().push((
                judgement.bits,
                a,
                b,
            ));
        }
    }
    for ((is, told), mut list) in kinds {
        list.sort_by(|one, other| other.0.total_cmp(&one.0));
        println!("\n=== {is} told {told}: {}", list.len());
        let step = (list.len() / 6).max(1);
        for (_, a, b) in list.iter().step_by(step) {
            let (a, b) = (&filings[*a], &filings[*b]);
            let judgement = judge.judge(&a.features, &b.features);
            let parts = COMPARISONS.iter().zip(judgement.parts);
            let parts: Vec<String> = parts
                .map(|(comparison, level)| format!("{}: {}", comparison.name, comparison.levels[level as usize]))
                .collect();
            println!(
                "petition {:.1} case {:.1} never {} | {}",
                judgement.bits,
                judgement.case_bits,
                judgement.is_never,
                parts.join(" | ")
            );
            println!("   {}\n   {}", a.summary, b.summary);
        }
    }
}

fn speed() {
    let model = Model::built_in();
    let records = petitions(TEST, 6_000);
    let started = Instant::now();
    let features: Vec<Features> =
        records.iter().map(|(record, _)| Features::of(record, &model.phrases).expect("a petition")).collect();
    let of_features = started.elapsed();
    let started = Instant::now();
    let keys: usize = features.iter().map(|features| features.keys().len()).sum();
    let of_keys = started.elapsed();
    let judge = Judge::new(model, persons());
    let (mut pairs, mut linked) = (0_u32, 0_u32);
    let started = Instant::now();
    for two in features.windows(60) {
        for other in &two[1..] {
            pairs += 1;
            linked += u32::from(judge.judge(&two[0], other).relation.is_some());
        }
    }
    let of_pairs = started.elapsed();
    let bytes: usize = features.iter().map(|features| serde_json::to_vec(features).expect("JSON").len()).sum();
    let count = records.len() as f64;
    let letters: usize = records.iter().map(|(record, _)| record.summary.as_deref().unwrap_or("").len()).sum();
    println!(
        "a record: {:.1} us for features, {:.1} us for {:.1} keys, {:.0} bytes of text, {:.0} bytes of features",
        of_features.as_secs_f64() * 1e6 / count,
        of_keys.as_secs_f64() * 1e6 / count,
        keys as f64 / count,
        letters as f64 / count,
        bytes as f64 / count
    );
    println!("a pair: {:.2} us ({pairs} pairs, {linked} related)", of_pairs.as_secs_f64() * 1e6 / f64::from(pairs));
}
