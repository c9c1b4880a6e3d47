//! What linkage answers: the link, what was repaired to read the row, and what spoke for and against.

use crate::calibration::Doubt;
use crate::weights::Level;
use doudi_terms::ResidentId;
use std::fmt;

/// What happens to a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LinkClass {
    /// Linked without a person looking.
    Auto,
    /// A person should look. The most probable person is proposed.
    Review,
    /// Not linked.
    None,
}

/// What a link rests on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MatchGrade {
    /// The identity number is the same and the name agrees.
    A,
    /// Several pieces of evidence together.
    B,
    /// The number only (the name does not agree), or the name only.
    C,
}

/// Why a row has no link that counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum WhyNot {
    /// Neither a number nor a name with something beside it.
    NoUsableIdentity,
    /// The number is valid and nobody has it: a new person may be opened under [`Link::id`].
    NotInRegister,
    /// Several persons fit about equally well.
    Ambiguous,
    /// The number is another person's (a relative's, usually) and the right person was not found.
    BorrowedId,
    /// The number is damaged or missing and nobody fits.
    NobodyFits,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Field {
    IdNumber,
    Name,
    Birth,
    Sex,
    Region,
    Address,
    Phone,
    Account,
    /// All that speaks for a household rather than for one of its members, taken together.
    Household,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RepairKind {
    FullWidth,
    LowerCaseX,
    LetterForDigit,
    Blanks,
    Marks,
    CertificateCut,
    FifteenDigits,
    SwappedColumns,
    TraditionalForm,
    MiddleDot,
    Annotation,
    UnreadableCharacter,
    WrongDigit,
    SwappedDigits,
    DroppedDigit,
    ExtraDigit,
    LostDigits,
    ChineseNumerals,
    RepublicYear,
    SerialDay,
    LunarDate,
    SpreadsheetNumber,
}

/// One thing that was changed to read a value. The raw text is the row's own and stays in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repair {
    pub field: Field,
    pub kind: RepairKind,
    pub raw: Box<str>,
    /// What the value was read as.
    pub read: Box<str>,
}

/// How a field of the row compares with the person's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Agreement {
    Same,
    SoundsAlike,
    LooksAlike,
    Unreadable,
    Transliteration,
    FatherNameMissing,
    Reordered,
    CharacterMissing,
    OneCharacterDiffers,
    Nickname,
    SurnameOnly,
    OneSlip,
    TwoSlips,
    LostDigits,
    LunarDate,
    /// The row's date is the register's day in the lunar calendar.
    LunarSame,
    SameMonth,
    SameYear,
    /// A member of this person's household has it.
    Household,
    SameVillage,
    SameTownship,
    SharedByMany,
    /// An official's, whom others give as theirs.
    OfOfficial,
    /// Rosters give it for so many households, or more.
    LeftForHouseholds(u32),
    /// More household evidence than two strangers of one house would have counts no further.
    Capped,
    Different,
    /// A valid number that is not this person's.
    OtherValid,
}

/// One field's part in the score: log2 of how much likelier this is for the right person than for another.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Evidence {
    pub field: Field,
    pub agreement: Agreement,
    /// Whose weight it is; `None` for what only takes back what was counted twice.
    pub level: Option<Level>,
    pub weight: f64,
}

/// The answer for one row.
#[derive(Clone, PartialEq, Debug)]
pub struct Link {
    pub class: LinkClass,
    /// The most probable person, by number; always there for `Auto` and `Review`, never for `None`.
    pub person: Option<u32>,
    /// Of `person`, against all others and against nobody. From [`crate::weights::LINK`] on it is the default link.
    pub probability: f64,
    /// What the weights said before calibration, as log2 odds, and by which table it was calibrated.
    pub weighed: f64,
    pub calibrated_as: Doubt,
    pub grade: MatchGrade,
    /// The row's number where it is valid, possibly after repairs.
    pub id: Option<ResidentId>,
    pub repairs: Vec<Repair>,
    pub evidence: Vec<Evidence>,
    /// Why the row is not linked; for `Review` what is in doubt, where that is known.
    pub unlinked: Option<WhyNot>,
}

impl Link {
    /// The person to count with until somebody has looked.
    pub fn default_person(&self) -> Option<u32> {
        self.person.filter(|_| self.probability >= crate::weights::LINK)
    }

    /// In plain Chinese, for whoever has to decide: 「身份证号相同（+24.0）；姓名同音（+9.3）」.
    pub fn describe(&self) -> String {
        let mut parts: Vec<String> = self.evidence.iter().map(Evidence::describe).collect();
        parts.extend(self.unlinked.map(|why| why.describe().to_owned()));
        parts.extend(self.repairs.iter().map(Repair::describe));
        parts.join("；")
    }
}

impl Evidence {
    pub fn describe(&self) -> String {
        format!("{}{}（{:+.1}）", self.field, self.agreement, self.weight)
    }
}

impl Repair {
    pub fn describe(&self) -> String {
        format!("{}“{}”按“{}”读取：{}", self.field, self.raw, self.read, self.kind)
    }
}

impl WhyNot {
    pub fn describe(self) -> &'static str {
        match self {
            WhyNot::NoUsableIdentity => "没有可用的身份信息，请补充身份证号",
            WhyNot::NotInRegister => "身份证号有效，人口库中没有此人",
            WhyNot::Ambiguous => "有几个人都相符，请核对是哪一位",
            WhyNot::BorrowedId => "身份证号属于另一个人，请核对号码和姓名",
            WhyNot::NobodyFits => "身份证号有误或缺失，人口库中没有相符的人",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::IdNumber => "身份证号",
            Field::Name => "姓名",
            Field::Birth => "出生日期",
            Field::Sex => "性别",
            Field::Region => "区划",
            Field::Address => "住址",
            Field::Phone => "电话",
            Field::Account => "银行账号",
            Field::Household => "同户信息",
        })
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Agreement::LeftForHouseholds(count) => {
                return write!(f, "在名册里留给了至少 {count} 户人家，不是谁自己的，不算");
            }
            Agreement::Same => "相同",
            Agreement::SoundsAlike => "同音",
            Agreement::LooksAlike => "形近",
            Agreement::Unreadable => "有字看不清，其余相同",
            Agreement::Transliteration => "音译用字不同",
            Agreement::FatherNameMissing => "缺父名",
            Agreement::Reordered => "名字次序颠倒",
            Agreement::CharacterMissing => "缺一个字",
            Agreement::OneCharacterDiffers => "有一个字不同",
            Agreement::Nickname => "是小名或称呼",
            Agreement::SurnameOnly => "只有姓相同",
            Agreement::OneSlip => "只差一处",
            Agreement::TwoSlips => "差两处",
            Agreement::LostDigits => "前十五位相同，末三位被表格软件抹成零",
            Agreement::LunarDate => "像是农历",
            Agreement::LunarSame => "正是农历的这一天",
            Agreement::SameMonth => "只有年月，相同",
            Agreement::SameYear => "只有年份，相同",
            Agreement::Household => "是同户成员的",
            Agreement::SameVillage => "同村",
            Agreement::SameTownship => "同乡镇",
            Agreement::SharedByMany => "相同，但多人共用",
            Agreement::OfOfficial => "是干部或协理员留给大家的，不算",
            Agreement::Capped => "合计封顶",
            Agreement::Different => "不同",
            Agreement::OtherValid => "是另一个有效号码",
        })
    }
}

impl fmt::Display for RepairKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RepairKind::FullWidth => "全角字符",
            RepairKind::LowerCaseX => "小写 x",
            RepairKind::LetterForDigit => "字母当作数字",
            RepairKind::Blanks => "夹有空格或引号",
            RepairKind::Marks => "夹有其他符号",
            RepairKind::CertificateCut => "残疾人证号取前面的身份证号",
            RepairKind::FifteenDigits => "15 位旧号码升为 18 位",
            RepairKind::SwappedColumns => "姓名和身份证号填反了",
            RepairKind::TraditionalForm => "繁体或异体字",
            RepairKind::MiddleDot => "间隔号写法不同",
            RepairKind::Annotation => "去掉括号里的注",
            RepairKind::UnreadableCharacter => "有看不清的字",
            RepairKind::WrongDigit => "错一个字符",
            RepairKind::SwappedDigits => "相邻两个字符颠倒",
            RepairKind::DroppedDigit => "漏一个字符",
            RepairKind::ExtraDigit => "多一个字符",
            RepairKind::LostDigits => "末三位被表格软件抹成零",
            RepairKind::ChineseNumerals => "汉字数字",
            RepairKind::RepublicYear => "民国纪年",
            RepairKind::SpreadsheetNumber => "表格软件写成的数",
            RepairKind::SerialDay => "表格软件的日期序号",
            RepairKind::LunarDate => "农历折成公历",
        })
    }
}
