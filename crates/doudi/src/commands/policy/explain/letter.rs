//! What a letter needs besides the facts: the programme of the registry, to whom it goes, who signs.

use super::super::household::{Programme, programmes, registry, rows, rule_at};
use crate::commands::policy::wording;
use crate::content::ContentFile;
use crate::divisions::Divisions;
use clap::Args;
use doudi_casework::{PlaceNames, Signatures, SignedBy};
use doudi_policy::ir::{HOUSEHOLD, InputId, PERSON, RuleId, whole};
use doudi_policy::{
    Evaluation, Fact, FactValue, Facts, Letter, LetterRequest, Library, Program, Value, write_letter,
};
use doudi_terms::{RegionLevel, epoch_day};

/// More digits in a row than a name or a number of the street has: a number of a person.
const MOST_DIGITS: usize = 6;

#[derive(Args)]
pub struct LetterArgs {
    /// 写成决定书：给予、不予，或者还要查明什么。加 --html 是能打印的 A4 页面
    #[arg(long)]
    letter: bool,
    /// 哪个项目（登记表里的编号），缺省是登记表的第一个
    #[arg(long, value_name = "ID", requires = "letter")]
    programme: Option<String>,
    /// 收信人怎样称呼；缺省是第一位成员的姓名
    #[arg(long, value_name = "NAME", requires = "letter")]
    name: Option<String>,
    /// 对人的项目写给哪一位：姓名，或者从 1 数起的序号；缺省每人一份
    #[arg(long, value_name = "WHO", requires = "letter")]
    member: Option<String>,
    /// 作出决定的机关；缺省是所在县的，照 programs.toml 的 [signature] 称呼
    #[arg(long, value_name = "OFFICE", requires = "letter")]
    office: Option<String>,
}

impl LetterArgs {
    pub fn wanted(&self) -> bool {
        self.letter
    }
}

/// What the registry says about letters of one programme.
pub struct Writing {
    /// The rule that the letter answers by.
    pub rule: String,
    programme: String,
    decision: RuleId,
    amount: Option<RuleId>,
    start: Option<RuleId>,
    objection: Option<RuleId>,
    decided_on: Option<InputId>,
    role: Option<InputId>,
    own_word: Vec<String>,
    signatures: Signatures,
}

impl Writing {
    pub fn read(args: &LetterArgs, library: &Library, files: &[ContentFile]) -> Result<Writing, String> {
        let listed = programmes(files)?;
        let programme = chosen(args, &listed)?;
        let rule = programme.decision.as_ref().or(programme.entitled.as_ref());
        let rule = rule.ok_or_else(|| {
            format!("登记表里“{}”没有写 decision 或 entitled，不知道按哪条规则答复", programme.name)
        })?;
        let at = |path: &Option<String>| path.as_ref().map(|path| rule_at(library, path)).transpose();
        let table = registry(files)?;
        let letter = table.get("letter");
        let word = |key: &str| letter?.get(key)?.as_str();
        let input = |key: &str| word(key).and_then(|path| library.input_by_path(path));
        let own_word =
            letter.and_then(|letter| letter.get("own_word")?.as_array()).map_or(Vec::new(), |list| {
                list.iter().filter_map(|source| source.as_str()).map(str::to_owned).collect()
            });
        let signatures = table.get("signature").cloned().map(toml::Value::try_into::<Signatures>);
        let signatures =
            signatures.transpose().map_err(|error| format!("programs.toml 的 [signature]：{error}"))?;
        Ok(Writing {
            rule: rule.clone(),
            programme: programme.name.clone(),
            decision: rule_at(library, rule)?,
            amount: at(&programme.amount)?,
            start: at(&programme.start)?,
            objection: at(&programme.objection)?,
            decided_on: input("decided_on"),
            role: input("role"),
            own_word,
            signatures: signatures.unwrap_or_default(),
        })
    }

    pub fn letters(
        &self,
        args: &LetterArgs,
        program: &Program<'_>,
        mut facts: Facts<'_>,
    ) -> Result<Vec<Letter>, String> {
        let first = facts.row_name(PERSON, 0).to_owned();
        let given = args.name.as_deref().unwrap_or("");
        refuse_numbers(given)?;
        for row in 0..facts.rows(PERSON) {
            refuse_numbers(facts.row_name(PERSON, row))?;
        }
        if let Some(input) = self.decided_on {
            // A decision is taken on the day of the letter unless the facts say otherwise.
            let today = FactValue::Known(Value::Number(whole(i128::from(epoch_day(program.date)))));
            let entity = program.library.inputs[input.index()].entity;
            if facts.get(entity, 0, input).is_none() {
                facts.set(entity, 0, input, Fact { value: today, source: None });
            }
        }
        let divisions = Divisions::read();
        let county = program.region.at(RegionLevel::County);
        let places = PlaceNames { county: &divisions.name(county), ..PlaceNames::default() };
        let named = || self.signatures.office(SignedBy::County, false, &places);
        let office = args.office.clone().unwrap_or_else(named);
        let place = wording::place(&divisions, program.region);
        let mut letters = Vec::new();
        for row in self.rows(args, program, &facts)? {
            let own = facts.row_name(PERSON, row);
            let by_member = if self.entity(program) == HOUSEHOLD { first.as_str() } else { own };
            let addressee = [given, by_member, "申请人"].into_iter().find(|name| !name.is_empty());
            let request = LetterRequest {
                programme: &self.programme,
                decision: (self.decision, row),
                amount: self.amount.map(|rule| (rule, self.row_of(program, rule, row))),
                start: self.start.map(|rule| (rule, self.row_of(program, rule, row))),
                objection: self.objection,
                role: self.role,
                own_word: &self.own_word,
                addressee: addressee.unwrap_or("申请人"),
                office: &office,
                place: &place,
                date: program.date,
            };
            let letter = write_letter(&mut Evaluation::new(program, &facts), &request);
            letters.push(letter.ok_or_else(|| {
                format!("policies/letters 里没有 {} {} 能用的文书格式", program.region, program.date)
            })?);
        }
        Ok(letters)
    }

    fn entity(&self, program: &Program<'_>) -> doudi_policy::ir::EntityId {
        program.library.rules[self.decision.index()].entity
    }

    fn row_of(&self, program: &Program<'_>, rule: RuleId, row: u32) -> u32 {
        if program.library.rules[rule.index()].entity == HOUSEHOLD { 0 } else { row }
    }

    /// The rows that get a letter.
    fn rows(&self, args: &LetterArgs, program: &Program<'_>, facts: &Facts<'_>) -> Result<Vec<u32>, String> {
        let all = rows(program, facts, self.decision);
        let Some(who) = args.member.as_deref() else { return Ok((0..all).collect()) };
        if self.entity(program) == HOUSEHOLD {
            return Err(format!("“{}”是对一户的，不用 --member", self.programme));
        }
        let named = (0..all).find(|row| facts.row_name(PERSON, *row) == who);
        let counted =
            || who.parse::<u32>().ok().filter(|number| (1..=all).contains(number)).map(|number| number - 1);
        named.or_else(counted).map(|row| vec![row]).ok_or_else(|| {
            let names: Vec<&str> = (0..all).map(|row| facts.row_name(PERSON, row)).collect();
            format!("--member：这户没有“{who}”。写姓名（{}）或者 1 到 {all} 的序号", names.join("、"))
        })
    }
}

fn chosen<'p>(args: &LetterArgs, listed: &'p [Programme]) -> Result<&'p Programme, String> {
    let found = match &args.programme {
        None => listed.first(),
        Some(id) => listed.iter().find(|programme| programme.id == *id || programme.name == *id),
    };
    found.ok_or_else(|| {
        let ids: Vec<String> =
            listed.iter().map(|programme| format!("{}（{}）", programme.id, programme.name)).collect();
        format!("--programme：登记表里没有这个项目。有：{}", ids.join("、"))
    })
}

/// A letter names people, it does not number them.
fn refuse_numbers(name: &str) -> Result<(), String> {
    let longest = name.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    if longest > MOST_DIGITS {
        return Err("姓名里有一长串数字：决定书上不写身份证号、电话和账号，只写姓名".to_owned());
    }
    Ok(())
}
