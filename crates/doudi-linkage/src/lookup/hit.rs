//! What a search comes to.

use crate::evidence::Agreement;

/// One person who may be meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    /// The directory's number.
    pub person: u32,
    /// The sum over the words; only good for comparing hits of one search.
    pub strength: u32,
    /// What each word agrees with, in the words' order.
    pub reasons: Vec<Reason>,
}

/// What one word agrees with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    pub word: Box<str>,
    pub kind: ReasonKind,
}

/// Hits, the best first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// How many people there are; with [`Found::without`], how many without that word.
    pub total: usize,
    /// Nobody fits all words: who fits all but this one.
    pub without: Option<Box<str>>,
    /// What was tried, word by word, where nobody fits all words.
    pub tried: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReasonKind {
    Name,
    NamePinyin,
    NameAccent,
    NameInitials,
    NameBeginning,
    GivenName,
    NameSoundsAlike,
    NameLooksAlike,
    /// As two writings of one name are alike.
    NameAlike(Agreement),
    Id,
    IdBeginning,
    IdEnd,
    IdMasked,
    IdSlip,
    IdEndSlip,
    BirthDay,
    BirthMonth,
    BirthYear,
    BirthSlip,
    Phone,
    PhoneBeginning,
    PhoneEnd,
    PhoneSlip,
    Place,
    PlaceAndHouse,
    PlaceInParts,
    House,
}

impl Reason {
    /// `“wxm”：姓名的拼音首字母相同`
    pub fn describe(&self) -> String {
        format!("“{}”：{}", self.word, self.kind.describe())
    }
}

impl ReasonKind {
    pub fn describe(self) -> &'static str {
        match self {
            ReasonKind::Name => "姓名相同",
            ReasonKind::NamePinyin => "姓名的拼音相同",
            ReasonKind::NameAccent => "姓名的拼音相近（平翘舌、前后鼻音）",
            ReasonKind::NameInitials => "姓名的拼音首字母相同",
            ReasonKind::NameBeginning => "姓名的开头相同",
            ReasonKind::GivenName => "名字相同，姓没有写",
            ReasonKind::NameSoundsAlike => "姓名同音不同字",
            ReasonKind::NameLooksAlike => "姓名有形近字",
            ReasonKind::NameAlike(agreement) => match agreement {
                Agreement::CharacterMissing => "姓名少一个字",
                Agreement::OneCharacterDiffers => "姓名差一个字",
                Agreement::Reordered => "姓名的字颠倒",
                Agreement::Unreadable => "姓名有认不出的字",
                _ => "姓名相近",
            },
            ReasonKind::Id => "身份证号相同",
            ReasonKind::IdBeginning => "身份证号的开头相同",
            ReasonKind::IdEnd => "身份证号的末尾相同",
            ReasonKind::IdMasked => "身份证号没有遮住的部分相同",
            ReasonKind::IdSlip => "身份证号差一位",
            ReasonKind::IdEndSlip => "身份证号的末四位差一位",
            ReasonKind::BirthDay => "出生日期相同",
            ReasonKind::BirthMonth => "出生年月相同",
            ReasonKind::BirthYear => "出生年份相同",
            ReasonKind::BirthSlip => "出生日期的年、月、日有一项不同",
            ReasonKind::Phone => "电话相同",
            ReasonKind::PhoneBeginning => "电话的开头相同",
            ReasonKind::PhoneEnd => "电话的末尾相同",
            ReasonKind::PhoneSlip => "电话差一位",
            ReasonKind::Place => "住址里有",
            ReasonKind::PlaceAndHouse => "住址和门牌相同",
            ReasonKind::PlaceInParts => "住址里依次有这些字",
            ReasonKind::House => "门牌相同",
        }
    }
}
