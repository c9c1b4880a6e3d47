//! A register's people as bytes: what next month's register is compared with, without reading this month's files again.

use super::{Index, Names, Person, sounds_of};
use crate::address::Address;
use crate::characters::Characters;
use doudi_terms::Sex;

/// What the bytes begin with: their form, which changes with this number.
const FORM: u64 = 0x646f_7564_6930_3031;
const PERSON_BYTES: usize = 4 * 8 + 5 * 4 + 1;

impl Index {
    /// Everything that is known of the people; not the ways to find them, which are made when they are asked for.
    pub fn to_bytes(&self) -> Vec<u8> {
        let names = &self.names;
        let size = 24 + names.chars.len() * 4 + names.ends.len() * 5 + self.persons.len() * PERSON_BYTES;
        let mut bytes = Vec::with_capacity(size);
        for count in [FORM, names.ends.len() as u64, self.persons.len() as u64] {
            bytes.extend(count.to_le_bytes());
        }
        names.ends.iter().for_each(|end| bytes.extend(end.to_le_bytes()));
        bytes.extend(&names.own);
        names.chars.iter().for_each(|&c| bytes.extend(u32::from(c).to_le_bytes()));
        self.persons.iter().for_each(|person| bytes.extend(person.to_bytes()));
        bytes
    }

    /// The index of whose people the bytes tell; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Index> {
        let mut rest = Rest(bytes);
        let count = |value: u64| usize::try_from(value).ok();
        let (form, name_count, person_count) = (rest.long()?, count(rest.long()?)?, count(rest.long()?)?);
        if form != FORM || name_count > bytes.len() || person_count > bytes.len() {
            return None;
        }
        let ends: Vec<u32> = (0..name_count).map(|_| rest.word()).collect::<Option<_>>()?;
        let own = rest.take(name_count)?.to_vec();
        let chars = rest.take((*ends.last().unwrap_or(&0) as usize).checked_mul(4)?)?;
        let chars: Vec<char> = chars
            .chunks_exact(4)
            .map(|c| char::from_u32(u32::from_le_bytes(c.try_into().ok()?)))
            .collect::<Option<_>>()?;
        if !ends.is_sorted() {
            return None;
        }
        let mut names = Names { chars, ends, own, counts: vec![0; name_count] };
        let mut persons = Vec::with_capacity(person_count);
        let size = person_count.checked_mul(PERSON_BYTES)?;
        for person in rest.take(size)?.as_chunks::<PERSON_BYTES>().0 {
            let person = Person::from_bytes(person)?;
            *names.counts.get_mut(person.name as usize)? += 1;
            persons.push(person);
        }
        let characters = Characters::new();
        let sounds = sounds_of(&names, &characters);
        rest.0.is_empty().then_some(Index { characters, names, sounds, persons, blocks: Default::default() })
    }
}

impl Person {
    fn to_bytes(self) -> [u8; PERSON_BYTES] {
        let Person { id, region, phone, account, address, name, birth, household, sex } = self;
        let mut bytes = [0; PERSON_BYTES];
        let (long, rest) = bytes.as_chunks_mut::<8>();
        for (place, value) in long.iter_mut().zip([
            id,
            region,
            phone,
            account,
            u64::from(address.village) | u64::from(address.house) << 32,
            u64::from(name) | u64::from(birth.cast_unsigned()) << 32,
        ]) {
            *place = value.to_le_bytes();
        }
        let sex = match sex {
            None => 0,
            Some(Sex::Male) => 1,
            Some(Sex::Female) => 2,
        };
        rest[..4].copy_from_slice(&household.to_le_bytes());
        rest[4] = sex;
        bytes
    }

    fn from_bytes(bytes: &[u8; PERSON_BYTES]) -> Option<Person> {
        let (long, rest) = bytes.as_chunks::<8>();
        let [id, region, phone, account, home, named] = *long else { return None };
        let [id, region, phone, account, home, named] =
            [id, region, phone, account, home, named].map(u64::from_le_bytes);
        let [h0, h1, h2, h3, sex] = *rest else { return None };
        Some(Person {
            id,
            region,
            phone,
            account,
            address: Address { village: home as u32, house: (home >> 32) as u32 },
            name: named as u32,
            birth: ((named >> 32) as u32).cast_signed(),
            household: u32::from_le_bytes([h0, h1, h2, h3]),
            sex: match sex {
                0 => None,
                1 => Some(Sex::Male),
                2 => Some(Sex::Female),
                _ => return None,
            },
        })
    }
}

/// What has not been read yet.
struct Rest<'b>(&'b [u8]);

impl Rest<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn long(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn word(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::PersonEntry;

    fn index() -> Index {
        let mut builder = Index::builder();
        for (at, name) in ["王秀英", "阿米娜·伊斯马依", "王秀英", ""].into_iter().enumerate() {
            builder.push(PersonEntry {
                id_number: ["110105194912310021", "", "500243195504120033", "无"][at],
                name,
                birth: [Some(-7000), None, Some(1), None][at],
                sex: [Some(Sex::Female), Some(Sex::Male), None, None][at],
                region: doudi_terms::RegionCode::parse("500243001202").ok().filter(|_| at != 1),
                address: "汉葭街道北斗村3组4号",
                phone: "13900000001",
                account: "",
                household: at as u32 / 2,
            });
        }
        builder.build()
    }

    #[test]
    fn people_come_back_from_their_bytes_as_they_were() {
        let (index, bytes) = (index(), index().to_bytes());
        let again = Index::from_bytes(&bytes).expect("what was written");
        assert_eq!(again.to_bytes(), bytes);
        assert_eq!(again.len(), 4);
        for person in 0..4 {
            assert!(index.says_the_same(person, &again, person));
            assert_eq!(index.household(person), again.household(person));
            assert_eq!(index.name_count(person), again.name_count(person));
            for by in super::super::By::ALL {
                assert_eq!(index.key_of(by, person), again.key_of(by, person));
            }
        }
    }

    #[test]
    fn bytes_that_are_cut_or_changed_are_nobody_s() {
        let bytes = index().to_bytes();
        for length in 0..bytes.len() {
            assert!(Index::from_bytes(&bytes[..length]).is_none(), "{length}");
        }
        let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
        assert!(Index::from_bytes(&longer).is_none());
        let mut other_form = bytes.clone();
        other_form[0] ^= 1;
        assert!(Index::from_bytes(&other_form).is_none());
        // Whatever stands there, nothing breaks.
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0xFF;
            let _ = Index::from_bytes(&changed);
        }
    }
}
