//! One commune and the people of it who ever file anything: households, namesakes, people registered one after the
//! other.

use std::ops::Range;

use chrono::Days;

use super::super::chance::Dice;
use super::super::story::FIRST_DAY;
use super::citizen::{Citizen, Home, birth, card, id_number, mobile};
use super::name::{FAMILIES, Name, regional};
use crate::domain::Gender;
use crate::reference::commune::{self, OldCommune};

/// The people of one commune.
#[derive(Debug)]
pub struct Village {
    pub commune: &'static OldCommune,
    pub citizens: Vec<Citizen>,
    pub households: Vec<Range<usize>>,
    /// Families to which half of the village belongs.
    lineages: [&'static str; 3],
}

impl Village {
    /// So many households in this commune; persons are numbered from `persons` on.
    pub fn throw(dice: &mut Dice, commune: &'static OldCommune, households: usize, persons: &mut u32) -> Self {
        let local = regional(commune.district.province);
        let lineages = [0; 3].map(|_| {
            if local.is_empty() || dice.chance(40) { dice.weighted::<&str>(FAMILIES) } else { dice.word(local) }
        });
        let mut village = Self { commune, citizens: Vec::new(), households: Vec::new(), lineages };
        while village.households.len() < households {
            village.settle(dice, persons);
            if dice.chance(4) {
                village.namesake(dice, persons);
            }
            if dice.chance(2) {
                village.registered_next(dice, persons);
            }
        }
        village
    }

    /// Who lives in the house of one of them.
    pub fn household_of(&self, citizen: usize) -> Option<Range<usize>> {
        self.households.iter().find(|members| members.contains(&citizen)).cloned()
    }

    fn family(&self, dice: &mut Dice) -> &'static str {
        if dice.chance(40) { dice.word(&self.lineages) } else { dice.weighted::<&str>(FAMILIES) }
    }

    fn home(&self, dice: &mut Dice) -> Option<Home> {
        Home::throw(dice, self.commune)
    }

    /// One household: a head, most often a spouse, sometimes grown-up children.
    fn settle(&mut self, dice: &mut Dice, persons: &mut u32) {
        let Some(home) = self.home(dice) else { return };
        let first = self.citizens.len();
        let gender = if dice.chance(62) { Gender::Male } else { Gender::Female };
        let family = self.family(dice);
        let head = self.add(dice, persons, &home, family, gender, (1940, 1992));
        let shared = self.citizens.get(head).and_then(|head| head.phone.clone());
        if dice.chance(68) {
            let other = if gender == Gender::Male { Gender::Female } else { Gender::Male };
            let family = self.family(dice);
            let year = self.citizens.get(head).map_or(1970, Citizen::year) as u32;
            let spouse = self.add(dice, persons, &home, family, other, (year.saturating_sub(3), year + 5));
            self.share_phone(dice, spouse, shared.as_deref(), 45);
        }
        for _ in 0..*dice.weighted(&[(0, 60), (1, 28), (2, 12)]) {
            let year = self.citizens.get(head).map_or(1970, Citizen::year) as u32;
            if year + 20 > 2004 {
                break;
            }
            let gender = throw_gender(dice);
            let child = self.add(dice, persons, &home, family, gender, (year + 20, (year + 34).min(2004)));
            self.share_phone(dice, child, shared.as_deref(), 20);
            self.likeness(dice, head, child);
        }
        self.households.push(first..self.citizens.len());
    }

    /// Father and son of one name, and twins: what a house has of people who look like one.
    fn likeness(&mut self, dice: &mut Dice, head: usize, child: usize) {
        let Some(parent) = self.citizens.get(head).cloned() else { return };
        let before = child.checked_sub(1).filter(|before| *before > head + 1);
        let elder = before.and_then(|before| self.citizens.get(before)).cloned();
        let Some(citizen) = self.citizens.get_mut(child) else { return };
        if citizen.gender == parent.gender && dice.chance(3) {
            citizen.name = parent.name;
        } else if let Some(elder) = elder.filter(|elder| elder.year() > parent.year() + 15 && dice.chance(8)) {
            citizen.birth = elder.birth;
            citizen.id_number = beside(dice, &elder.id_number);
            citizen.gender = elder.gender;
            citizen.name = Name { given: citizen.name.given, ..elder.name };
            if citizen.name == elder.name {
                citizen.name.middle = "Song";
            }
        }
    }

    fn share_phone(&mut self, dice: &mut Dice, of: usize, shared: Option<&str>, percent: u32) {
        if let Some(citizen) = self.citizens.get_mut(of).filter(|_| dice.chance(percent)) {
            citizen.phone = shared.map(str::to_owned);
            citizen.former_phone = None;
        }
    }

    /// Somebody else with the name, the sex and the birth year (or nearly) of one who lives here already; names that many
    /// bear.
    fn namesake(&mut self, dice: &mut Dice, persons: &mut u32) {
        let common: Vec<&Citizen> =
            self.citizens.iter().rev().filter(|citizen| citizen.name.is_common()).take(40).collect();
        let like = (!common.is_empty()).then(|| (**dice.pick(&common)).clone());
        let (Some(like), Some(home)) = (like, self.home(dice)) else { return };
        let first = self.citizens.len();
        let year = like.year() as u32;
        let apart = if dice.chance(60) { 0 } else { 3 };
        let other = self.add(dice, persons, &home, like.name.family, like.gender, (year - apart, year + apart));
        if let Some(citizen) = self.citizens.get_mut(other) {
            citizen.name = like.name;
        }
        self.households.push(first..first + 1);
    }

    /// A neighbour whose birth was registered right after another's: numbers one digit apart.
    fn registered_next(&mut self, dice: &mut Dice, persons: &mut u32) {
        let like = self.citizens.get(dice.below(self.citizens.len() as u32) as usize).cloned();
        let (Some(like), Some(home)) = (like, self.home(dice)) else { return };
        let first = self.citizens.len();
        let (year, family) = (like.year() as u32, self.family(dice));
        let other = self.add(dice, persons, &home, family, like.gender, (year, year));
        if let Some(citizen) = self.citizens.get_mut(other) {
            citizen.id_number = beside(dice, &like.id_number);
        }
        self.households.push(first..first + 1);
    }

    fn add(
        &mut self,
        dice: &mut Dice,
        persons: &mut u32,
        home: &Home,
        family: &'static str,
        gender: Gender,
        (from, to): (u32, u32),
    ) -> usize {
        *persons += 1;
        let birth = birth(dice, from, to);
        let year = chrono::Datelike::year(&birth);
        let name = Name::throw(dice, family, gender, year);
        let id_number = id_number(dice, *persons, home, gender, year);
        let phone = dice.chance(86).then(|| mobile(dice));
        let given_up = self.citizens.iter().rev().find_map(|citizen| citizen.former_phone.as_ref());
        // numbers that somebody gave up are given to others
        let phone = given_up.filter(|_| dice.chance(2)).map(|(_, phone)| phone.clone()).or(phone);
        let former_phone = (phone.is_some() && dice.chance(9)).then(|| (some_day(dice), mobile(dice)));
        let email = dice.chance(7).then(|| format!("congdan{:06}@example.vn", dice.below(1_000_000)));
        self.citizens.push(Citizen {
            person: *persons,
            name,
            gender,
            birth,
            card: card(dice, home, year),
            id_number,
            phone,
            former_phone,
            email,
            home: home.clone(),
            moved: moved(dice, self.commune),
        });
        self.citizens.len() - 1
    }
}

fn throw_gender(dice: &mut Dice) -> Gender {
    if dice.chance(52) { Gender::Male } else { Gender::Female }
}

/// The same number but for one of its six last digits.
fn beside(dice: &mut Dice, number: &str) -> String {
    let at = number.len() - 1 - dice.below(3) as usize;
    let step = dice.between(1, 9) as u8;
    let digits = number
        .bytes()
        .enumerate()
        .map(|(place, digit)| char::from(if place == at { b'0' + (digit - b'0' + step) % 10 } else { digit }));
    digits.collect()
}

fn some_day(dice: &mut Dice) -> chrono::NaiveDate {
    FIRST_DAY + Days::new(u64::from(dice.below(1_000)))
}

/// Three of a hundred move, most of them within the commune.
fn moved(dice: &mut Dice, from: &'static OldCommune) -> Option<(chrono::NaiveDate, Home)> {
    if !dice.chance(3) {
        return None;
    }
    let day = some_day(dice);
    let to = if dice.chance(60) { from } else { dice.pick(commune::old()) };
    Some((day, Home::throw(dice, to)?))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::demo::generate::LAST_DAY;
    use crate::normalize::id_number::{Evidence, read};

    fn villages(every: usize, households: usize) -> Vec<Village> {
        let (mut dice, mut persons) = (Dice::new(17), 0);
        let communes = commune::old().iter().filter(|row| !row.kind.is_empty()).step_by(every);
        communes.map(|commune| Village::throw(&mut dice, commune, households, &mut persons)).collect()
    }

    #[test]
    fn families_are_as_frequent_as_in_the_country() {
        let villages = villages(50, 30);
        let citizens: Vec<&Citizen> = villages.iter().flat_map(|village| &village.citizens).collect();
        let nguyen = citizens.iter().filter(|citizen| citizen.name.family == "Nguyễn").count();
        let share = nguyen * 1_000 / citizens.len();
        assert!((340..410).contains(&share), "{share}");
    }

    #[test]
    fn every_id_number_is_valid_agrees_with_its_bearer_and_is_nobody_elses() {
        let mut numbers = BTreeSet::new();
        for citizen in villages(700, 300).iter().flat_map(|village| &village.citizens) {
            let evidence =
                Evidence { birth_year: Some(citizen.year()), gender: Some(citizen.gender), ..Evidence::none(LAST_DAY) };
            let reading = read(&citizen.id_number, &evidence);
            assert!(reading.notes.is_empty() && reading.value.is_some(), "{citizen:?} {:?}", reading.notes);
            assert!(numbers.insert(citizen.id_number.clone()), "{citizen:?}");
        }
        assert!(numbers.len() > 5_000);
    }

    #[test]
    fn villages_have_people_who_look_like_one() {
        let (mut namesakes, mut beside, mut heirs, mut shared) = (0, 0, 0, 0);
        for village in villages(700, 300) {
            let mut by_name: BTreeMap<_, Vec<usize>> = BTreeMap::new();
            let mut by_stem: BTreeMap<String, usize> = BTreeMap::new();
            for (at, citizen) in village.citizens.iter().enumerate() {
                by_name.entry((citizen.name, citizen.year(), citizen.is_woman())).or_default().push(at);
                for hidden in 9..12 {
                    let mut stem = citizen.id_number.clone();
                    stem.replace_range(hidden..=hidden, "*");
                    *by_stem.entry(stem).or_default() += 1;
                }
            }
            namesakes += by_name.values().filter(|people| people.len() > 1).count();
            beside += by_stem.values().filter(|count| **count > 1).count();
            for house in &village.households {
                let people = &village.citizens[house.clone()];
                let (head, others) = people.split_first().unwrap();
                heirs += others.iter().filter(|other| other.name == head.name).count();
                shared += others.iter().filter(|other| other.phone.is_some() && other.phone == head.phone).count();
            }
        }
        assert!(namesakes > 30 && beside > 30 && heirs > 10 && shared > 500, "{namesakes} {beside} {heirs} {shared}");
    }
}
