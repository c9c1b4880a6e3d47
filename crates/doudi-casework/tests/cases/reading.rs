//! What a table may not say. Every mistake names its file and its step or state.

use crate::{HELP, content, counter, day, opened, place};
use doudi_casework::{CaseCounter, Content};

/// The problems after one text of the content was replaced.
fn problems(path: &str, from: &str, to: &str) -> Vec<String> {
    let mut content = content();
    let file = content.iter_mut().find(|(known, _)| known == path).expect("a file");
    assert!(file.1.contains(from), "“{from}” in {path}");
    file.1 = file.1.replacen(from, to, 1);
    opened(&content).err().unwrap_or_default()
}

#[test]
fn every_mistake_of_a_table_is_named_with_its_file_and_place() {
    for (from, to, place, words) in [
        ("\"户.在家\"]\noptional", "\"户.不在家\"]\noptional", "步骤 visit", "没有叫“户.不在家”的事实"),
        ("[\"户.已上门\"]", "[\"户.没有这条\"]", "步骤 visit", "政策里没有“户.没有这条”"),
        ("[\"户.已上门\"]", "[\"户.补贴额\"]", "步骤 visit", "不是“是或否”"),
        ("[\"户.上门日期\"]", "[\"户.在家\"]", "步骤 visit", "“在家”不是日期"),
        ("[\"户.起算时刻\"]", "[\"户.收到日期\"]", "步骤 accept", "“收到日期”不是时刻"),
        ("\"户.停表天数\" = \"0\"", "\"户.停表天数\" = \"几天\"", "步骤 accept", "“几天”读不出来"),
        ("\"户.停表天数\" = \"0\"", "\"户.没有\" = \"0\"", "步骤 accept", "没有叫“户.没有”的事实"),
        ("by = \"work-cases\"", "by = \"sleep\"", "步骤 wait", "没有叫“sleep”的权限"),
        ("permission = \"decide-delegated\"", "permission = \"x\"", "步骤 grant", "没有叫“x”的权限"),
        ("when = \"户.下放\"", "when = \"户.住处\"", "步骤 grant", "不是“是或否”"),
        ("not_by = [\"accept\"", "not_by = [\"acept\"", "步骤 grant", "“acept”不是一个步骤"),
        ("from = [\"waiting\"]", "from = [\"wating\"]", "步骤 go-on", "“wating”不是一个环节"),
        ("to = \"granted\"", "to = \"given\"", "步骤 grant", "“given”不是一个环节"),
        ("due = [\"户.回话期限\"", "due = [\"户.每月补\"", "环节 accepted", "不能当期限"),
        ("due = [\"户.回话期限\"", "due = [\"户.没有\"", "环节 accepted", "没有叫“户.没有”的规则"),
        ("flags = [\"户.有争议\"", "flags = [\"人.与户主关系\"", "flags", "不是“是或否”"),
        ("needs = [\"户.可给\"]", "needs = [\"人.月收入\"]", "步骤 grant", "不是“是或否”"),
        ("excluded = \"户.停表天数\"", "excluded = \"停表\"", "excluded", "没有叫“停表”的事实"),
        ("asks = [\"户.下放\"]", "asks = [\"人.与户主关系\"]", "步骤 accept", "不是这种办件的对象"),
        ("start = \"asked\"", "start = \"begun\"", "start", "“begun”不是一个环节"),
        ("from = \"2000-01-01\"", "from = \"2000-13-01\"", "from", "不是日期"),
        ("from = \"2000-01-01\"", "from = \"2000-01-01\"\nuntil = \"1999-12-31\"", "until", "还早"),
        ("place = \"000000\"", "place = \"abc\"", "place", "不是地区代码"),
        ("subject = \"户\"", "subject = \"村\"", "subject", "不是 户 或 人"),
        ("programme = \"help\"", "programme = \"hlep\"", "", "没有编号是“hlep”的项目"),
        ("prints = [\"wall\"]", "prints = [\"wal\"]", "步骤 visit", "没有编号是“wal”的文书"),
        ("opens = \"recheck\"", "opens = \"rechek\"", "步骤 complain", "没有“rechek”这种办件"),
        ("id = \"visited\"\nname", "id = \"accepted\"\nname", "", "有两个环节都叫“accepted”"),
        ("id = \"go-on\"", "id = \"wait\"", "", "有两个步骤都叫“wait”"),
        ("decides = \"granted\"", "decides = \"maybe\"", "", "maybe"),
        ("revises = true", "revisse = true", "", "revisse"),
    ] {
        let told = problems(HELP, from, to);
        let fits = |problem: &String| {
            problem.starts_with(HELP) && problem.contains(place) && problem.contains(words)
        };
        assert!(told.iter().any(fits), "{from} -> {to}: {told:#?}");
    }
}

#[test]
fn a_step_of_the_opening_case_that_no_opening_case_has_is_told() {
    let told = problems("procedures/recheck.toml", "\"visit\"]", "\"vist\"]");
    let fits = |problem: &String| problem.contains("步骤 answer") && problem.contains("“vist”");
    assert!(told.iter().any(fits), "{told:#?}");
}

#[test]
fn mistakes_of_several_steps_are_told_together() {
    let mut content = content();
    let file = content.iter_mut().find(|(path, _)| path == HELP).expect("a file");
    file.1 = file.1.replace("户.在家", "户.不在家").replace("户.下放", "户.不下放");
    let told = opened(&content).err().expect("problems");
    assert!(told.iter().any(|problem| problem.contains("不在家")), "{told:#?}");
    assert!(told.iter().any(|problem| problem.contains("不下放")), "{told:#?}");
}

#[test]
fn a_signature_that_nobody_can_sign_by_is_told() {
    let told = problems("documents/wall.md", "落款: 决定机关", "落款: 村长");
    assert!(
        told.iter().any(|problem| problem.contains("documents/wall.md") && problem.contains("“村长”不认得")),
        "{told:#?}"
    );
    let told = problems("programs.toml", "as = \"{地名}办\"", "as = \"某办\"");
    assert!(
        told.iter().any(|problem| problem.contains("[signature]") && problem.contains("“某办”")),
        "{told:#?}"
    );
    let told = problems("programs.toml", "county = [{ as", "conuty = [{ as");
    assert!(told.iter().any(|problem| problem.contains("conuty")), "{told:#?}");
}

#[test]
fn a_state_that_nobody_reaches_leaves_or_ends_is_told() {
    let lost = "[[state]]\nid = \"lost\"\nname = \"迷路\"\n\n[[step]]\nid = \"accept\"";
    let told = problems(HELP, "[[step]]\nid = \"accept\"", lost);
    assert!(told.iter().any(|problem| problem.contains("环节 lost：没有哪一步能到这里")), "{told:#?}");
    assert!(told.iter().any(|problem| problem.contains("环节 lost：到了这里就没有下一步")), "{told:#?}");
    // Two states that lead to each other and to nothing else.
    let ring = "[[state]]\nid = \"here\"\nname = \"这边\"\n\n[[state]]\nid = \"there\"\nname = \"那边\"\n\n\
        [[step]]\nid = \"enter\"\nname = \"进\"\nfrom = [\"asked\"]\nto = \"here\"\nby = \"work-cases\"\narticle = \"试2 第一条\"\n\n\
        [[step]]\nid = \"over\"\nname = \"过去\"\nfrom = [\"here\"]\nto = \"there\"\nby = \"work-cases\"\narticle = \"试2 第一条\"\n\n\
        [[step]]\nid = \"back\"\nname = \"回来\"\nfrom = [\"there\"]\nto = \"here\"\nby = \"work-cases\"\narticle = \"试2 第一条\"\n\n\
        [[step]]\nid = \"accept\"";
    let told = problems(HELP, "[[step]]\nid = \"accept\"", ring);
    for state in ["here", "there"] {
        let words = format!("环节 {state}：从这里怎么走也到不了办结的环节");
        assert!(told.iter().any(|problem| problem.contains(&words)), "{told:#?}");
    }
}

#[test]
fn two_tables_of_one_kind_for_the_same_days_and_place_are_told() {
    let double = |place: &str, from: &str, until: &str| {
        let mut content = content();
        let text = content.iter().find(|(path, _)| path == HELP).expect("a file").1.clone();
        let text = text.replace("place = \"000000\"", &format!("place = \"{place}\""));
        let text =
            text.replacen("from = \"2000-01-01\"", &format!("from = \"{from}\"\nuntil = \"{until}\""), 1);
        content.push(("procedures/other.toml".into(), text));
        opened(&content).map(|_| ()).err().unwrap_or_default()
    };
    let told = double("000000", "2010-01-01", "2012-12-31");
    assert!(told[0].contains("procedures/other.toml") && told[0].contains(HELP), "{told:#?}");
    assert!(told[0].contains("重叠"), "{told:#?}");
    assert_eq!(double("000000", "1990-01-01", "1999-12-31"), Vec::<String>::new());
    assert_eq!(double("500243", "2010-01-01", "2012-12-31"), Vec::<String>::new(), "the nearer one counts");
}

#[test]
fn the_table_of_the_day_and_of_the_nearest_place_is_used() {
    let mut content = content();
    let text = content.iter().find(|(path, _)| path == HELP).expect("a file").1.clone();
    let near = text.replace("place = \"000000\"", "place = \"500243\"");
    let near = near.replacen("from = \"2000-01-01\"", "from = \"2019-01-01\"\nuntil = \"2020-06-30\"", 1);
    content.push(("procedures/near.toml".into(), near));
    let counter = opened(&content).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let used = |place: &str, day: &str| {
        let place = doudi_terms::RegionCode::parse(place).expect("a place");
        counter.procedure("help", place, crate::day(day)).map(|found| found.path.clone())
    };
    assert_eq!(used("500243001", "2020-06-30").as_deref(), Some("procedures/near.toml"), "its last day");
    assert_eq!(used("500243001", "2020-07-01").as_deref(), Some(HELP));
    assert_eq!(used("500243001", "2018-12-31").as_deref(), Some(HELP));
    assert_eq!(used("370902", "2020-01-01").as_deref(), Some(HELP));
    assert_eq!(used("370902", "1999-12-31"), None);
}

#[test]
fn worked_examples_pass_and_say_what_came_out_otherwise() {
    let counter = counter();
    let run = |from: &str, to: &str| {
        let mut content = content();
        let file = content.iter_mut().find(|(path, _)| path == HELP).expect("a file");
        assert!(file.1.contains(from), "{from}");
        file.1 = file.1.replacen(from, to, 1);
        let counter = opened(&content).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let procedure = counter.procedures().iter().find(|found| found.path == HELP).expect("a table");
        counter.run_examples(procedure).join("\n")
    };
    for procedure in counter.procedures() {
        assert_eq!(counter.run_examples(procedure), Vec::<String>::new());
    }
    for (from, to, words) in [
        ("due = \"2020-05-09\"", "due = \"2020-05-08\"", "期限应当是 2020-05-08，算出来是 2020-05-09"),
        ("state = \"visited\"", "state = \"accepted\"", "应当到“accepted”，却到了“visited”"),
        ("refused = \"不能是同一个人\"", "refused = \"别的\"", "应当因为“别的”办不成"),
        ("not_by = [\"accept\", \"visit\"]", "not_by = []", "应当办不成"),
        ("day = \"2020-04-29 10:00\"", "day = \"2020-04-29 99999999999999999:00\"", "不是日期也不是时刻"),
        ("day = \"2020-04-29 10:00\"", "day = \"2020-04-29 10\"", "不是日期也不是时刻"),
        ("fill = { \"户.下放\" = \"否\" }", "fill = { }", "办不成"),
    ] {
        let told = run(from, to);
        assert!(told.contains(words) && told.contains("五个工作日，劳动节不算"), "{from} -> {to}: {told}");
    }
}

/// A window where help is measured by a line that nobody has published, and the worked case supposes these values.
fn with_a_line(parameters: &str) -> Result<CaseCounter, Vec<String>> {
    let law = crate::LAW.replace("低于 1000元", "低于 收入线");
    let law = law.replacen("记录 收入 属于", "参数 收入线: 金额/月\n记录 收入 属于", 1);
    let mut content = content();
    let file = content.iter_mut().find(|(path, _)| path == HELP).expect("a file");
    file.1 = file.1.replacen("facts = '{", &format!("parameters = [{parameters}]\nfacts = '{{"), 1);
    CaseCounter::open(crate::library_of(&law), &Content { files: &content })
}

#[test]
fn a_worked_case_supposes_values_that_nobody_has_published() {
    let run = |parameters: &str| {
        let counter = with_a_line(parameters).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let procedure = counter.procedures().iter().find(|found| found.path == HELP).expect("a table");
        counter.run_examples(procedure).join("\n")
    };
    assert!(run("").contains("还没有查清"), "nobody has published it");
    assert_eq!(run("\"收入线 0.01元\""), "");
    let told = run("\"收入线 0元\"");
    assert!(told.contains("办不成") && told.contains("家里有困难，收入不到一千元"), "{told}");
}

#[test]
fn a_supposed_value_that_the_policies_do_not_know_is_told_with_its_case() {
    for (parameters, words) in [
        ("\"收人线 1元\"", "没有叫“收人线”的参数。是不是想写 收入线？"),
        ("\"收入线[农村] 1元\"", "“收入线”没有维度，写成 收入线 值"),
        ("\"收入线 一元\"", "“收入线”的值“一元”读不出来"),
        ("\"收入线\"", "名称、空格、值"),
        ("\"收入线[农村 1元\"", "方括号不成对"),
    ] {
        let told = with_a_line(parameters).map(|_| ()).err().unwrap_or_default();
        let fits = |problem: &String| {
            problem.starts_with(HELP) && problem.contains("五个工作日，劳动节不算") && problem.contains(words)
        };
        assert!(told.iter().any(fits), "{parameters}: {told:#?}");
    }
}

#[test]
fn a_worked_case_says_what_stands_in_the_letter_and_what_does_not() {
    let run = |expected: &str| {
        let mut content = content();
        let file = content.iter_mut().find(|(path, _)| path == HELP).expect("a file");
        let granted = "state = \"granted\"\ndue = \"无\"";
        assert!(file.1.contains(granted));
        file.1 = file.1.replace(granted, &format!("{granted}\n{expected}"));
        let counter = opened(&content).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let procedure = counter.procedures().iter().find(|found| found.path == HELP).expect("a table");
        counter.run_examples(procedure).join("\n")
    };
    assert_eq!(run("letter = [\"每月100.00元\"]\nletter_without = [\"不同意\"]"), "");
    assert!(run("letter = [\"每月200.00元\"]").contains("决定书里应当有“每月200.00元”"));
    assert!(run("letter_without = [\"同意了\"]").contains("决定书里不应当有“同意了”"));
}

#[test]
fn no_broken_table_makes_the_reader_fall_over() {
    let library = crate::library();
    let text = include_str!("content/procedures/help.toml");
    let lines: Vec<&str> = text.lines().collect();
    for at in 0..lines.len() {
        let mut fewer = lines.clone();
        fewer.remove(at);
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        for text in [fewer.join("\n"), twice.join("\n"), lines[..at].join("\n")] {
            if let Err(problems) = doudi_casework::Procedure::read(HELP, &text, &library) {
                assert!(problems.iter().all(|problem| problem.starts_with(HELP)), "{problems:#?}");
            }
        }
    }
}

#[test]
fn nobody_guesses_whom_of_a_family_a_case_is_about() {
    let counter = counter();
    let of_household = counter.procedure("help", place(), day("2020-05-06")).expect("a procedure");
    assert_eq!(of_household.about(2, Some(1)), Ok(None));
    let of_person = doudi_casework::Procedure { subject: doudi_policy::ir::PERSON, ..of_household.clone() };
    assert_eq!(of_person.about(2, Some(1)), Ok(Some(1)));
    assert_eq!(of_person.about(1, None), Ok(Some(0)));
    for wanted in [None, Some(2)] {
        assert_eq!(of_person.about(2, wanted).expect_err("nobody was named").field, "member");
    }
}
