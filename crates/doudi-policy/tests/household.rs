//! One household and a small policy: which fact would turn a refusal, and what to ask next.

use doudi_policy::ir::RuleId;
use doudi_policy::{
    Change, Evaluation, Fact, FactValue, Facts, Goal, Inquiry, Layout, Library, Program, Reward, Source,
    Value, answer, facts_from_json, has_errors, inquire, nearest_changes,
};
use doudi_terms::{RegionCode, parse_date};
use serde_json::json;

const POLICY: &str = "---
名称: 试用办法
编号: 试用〔2020〕1号
位阶: 县级规范性文件
施行: 2020-01-01
---
# 试用办法

## 第一条

```条文
输入 户.城乡: 农村、城镇 ？ “按农村还是城镇？”
输入 户.建档立卡: 是否 ？ “是不是建档立卡户？” 来源 “建档立卡名册”
输入 户.存款: 金额 不为负 ？ “存款多少？” 来源 “摸排台账、银行”
输入 户.已核对: 是否
输入 人.出生日期: 日期
输入 人.性别: 男、女 不试
输入 人.月收入: 金额 不为负 ？ “每月收入多少？” 来源 “入户调查”
输入 人.残疾等级: 一级、二级、三级 ？ “残疾人证上的等级？” 来源 “持证残疾人名册”
记录 车辆 属于 人 ？ “名下有什么车？”
输入 车辆.轿车: 是否
输入 人.缴费月数: 整数
输入 人.死亡: 是否 不试 是
输入 人.父亲状态: 正常、死亡、失联 不试 死亡
输入 人.证号: 整数 不试
输入 人.津贴: 金额
输入 人.离家年数: 数
参数 标准[城乡]: 金额/月 说明 “县人民政府公布的标准文件”
```

## 第二条

```条文
规则 户.收入: 金额 = 合计(成员 的 月收入)
规则 户.对象: 是否
  当 存款 超过 10000元 则 否
  否则 户.收入 低于 标准[城乡] × 计数(成员)
例外 户.对象 「渐退」
  当 建档立卡 且 户.收入 低于 2 × 标准[城乡]
  则 是
规则 人.护理: 是否 = 残疾等级 为 一级、二级
规则 人.高龄: 是否 = 在 月末 的周岁 >= 80 且 性别 为 女
规则 人.故去: 是否 = 死亡
规则 人.在世: 是否 = 非 死亡
规则 人.无人养: 是否 = 父亲状态 为 死亡、失联
规则 人.缴满: 是否 = 缴费月数 在 180 以上
规则 人.离家: 是否 = 离家年数 超过 3
规则 人.证号大: 是否 = 证号 在 10 以上
规则 人.两段: 是否
  当 津贴 低于 1元 则 是
  否则 津贴 超过 8元 且 津贴 低于 8.80元
规则 人.查过: 是否
  当 非 已知(津贴) 则 否
  否则 津贴 低于 100元
规则 人.没车: 是否 = 非 任一(车辆 的 轿车)
规则 人.有车: 是否 = 任一(车辆 的 轿车)
```
";

const STANDARD: &str = "参数,维度,起,止,值,文件,把握\n标准,农村,2020-01,,440元,试用〔2020〕2号,高\n";

fn library() -> Library {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let (library, problems) =
        Library::read(vec![source("national/policy.md", POLICY), source("500243-place/标准.csv", STANDARD)]);
    let rendered: String = problems.iter().map(|problem| problem.render(&library.sources)).collect();
    assert!(!has_errors(&problems), "{rendered}");
    library
}

fn program(library: &Library) -> Program<'_> {
    let region = RegionCode::parse("500243").expect("region");
    Program::link(library, region, parse_date("2020-05-31").expect("day")).expect("links")
}

fn rule(library: &Library, path: &str) -> RuleId {
    library.rule_by_path(path).expect("rule")
}

fn facts<'l>(library: &Library, layout: &'l Layout, json: &serde_json::Value) -> Facts<'l> {
    facts_from_json(library, layout, json).expect("facts")
}

fn changes_of(library: &Library, path: &str, json: &serde_json::Value) -> Vec<Change> {
    let (program, layout) = (program(library), Layout::of(library));
    let facts = facts(library, &layout, json);
    nearest_changes(&mut Evaluation::new(&program, &facts), rule(library, path), 0)
}

/// The rule's answer after one fact has become another.
fn answer_with(
    library: &Library,
    path: &str,
    json: &serde_json::Value,
    change: &Change,
    value: Value,
) -> Option<bool> {
    let (program, layout) = (program(library), Layout::of(library));
    let mut facts = facts(library, &layout, json);
    let entity = library.inputs[change.input.index()].entity;
    facts.set(entity, change.row, change.input, Fact { value: FactValue::Known(value), source: None });
    Evaluation::new(&program, &facts).rule(rule(library, path), 0).as_yes_no()
}

fn shifted(value: Value, fen: i128) -> Value {
    match value {
        Value::Number(number) => Value::Number(number + fen),
        other => other,
    }
}

#[test]
fn the_smallest_change_of_an_income_turns_a_refusal_and_one_fen_less_does_not() {
    let library = library();
    let family = json!({"household": {"城乡": "农村", "建档立卡": "否", "存款": "0元"},
                        "members": [{"姓名": "甲", "月收入": "452元"}]});
    let changes = changes_of(&library, "户.对象", &family);
    let income = changes.iter().find(|change| change.fact == "甲的月收入").expect("the income");
    assert_eq!(income.sentence, "如果甲的月收入由 452.00元 变为 439.99元（少 12.01元），就符合");
    assert_eq!(answer_with(&library, "户.对象", &family, income, income.values[0]), Some(true));
    let one_less = shifted(income.values[0], 1);
    assert_eq!(answer_with(&library, "户.对象", &family, income, one_less), Some(false));
}

#[test]
fn a_fact_that_only_an_exception_asks_for_is_among_the_changes() {
    let library = library();
    let family = json!({"household": {"城乡": "农村", "建档立卡": "否", "存款": "0元"},
                        "members": [{"月收入": "452元"}]});
    let changes = changes_of(&library, "户.对象", &family);
    let sentences: Vec<&str> = changes.iter().map(|change| change.sentence.as_str()).collect();
    assert!(sentences.contains(&"如果建档立卡由 否 变为 是，就符合"), "{sentences:?}");
}

#[test]
fn a_change_that_does_not_suffice_alone_is_not_named() {
    let library = library();
    let family = json!({"household": {"城乡": "农村", "建档立卡": "否", "存款": "10000.01元"},
                        "members": [{"月收入": "900元"}]});
    assert_eq!(changes_of(&library, "户.对象", &family), []);
}

#[test]
fn of_options_every_one_that_would_do_is_named() {
    let library = library();
    let family = json!({"members": [{"姓名": "甲", "残疾等级": "三级"}]});
    let changes = changes_of(&library, "人.护理", &family);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].sentence, "如果甲的残疾等级由 三级 变为 一级 或 二级，就符合");
    for value in &changes[0].values {
        assert_eq!(answer_with(&library, "人.护理", &family, &changes[0], *value), Some(true));
    }
}

#[test]
fn birth_dates_and_sex_are_never_asked_to_change() {
    let library = library();
    let old_man = json!({"members": [{"性别": "男", "出生日期": "1930-01-01"}]});
    assert_eq!(changes_of(&library, "人.高龄", &old_man), []);
    let young_woman = json!({"members": [{"性别": "女", "出生日期": "1990-01-01"}]});
    assert_eq!(changes_of(&library, "人.高龄", &young_woman), []);
}

#[test]
fn what_its_declaration_leaves_out_is_never_asked_to_change() {
    let library = library();
    assert_eq!(changes_of(&library, "人.证号大", &json!({"members": [{"证号": 9}]})), []);
}

#[test]
fn of_several_stretches_that_would_do_the_nearest_is_named() {
    let library = library();
    let nearest = |path: &str, yuan: &str| {
        let changes = changes_of(&library, path, &json!({"members": [{"津贴": yuan}]}));
        changes.first().map(|change| change.to.clone())
    };
    assert_eq!(nearest("人.两段", "50元").as_deref(), Some("8.79元"), "halving alone would find 0.99元");
    assert_eq!(nearest("人.两段", "8元").as_deref(), Some("8.01元"), "up is nearer than down");
    assert_eq!(nearest("人.两段", "1元").as_deref(), Some("0.99元"));
    assert_eq!(
        nearest("人.查过", "300元").as_deref(),
        Some("99.99元"),
        "a stretch of values is not an unknown"
    );
}

#[test]
fn an_answer_that_is_yes_or_open_has_no_change() {
    let library = library();
    assert_eq!(changes_of(&library, "人.护理", &json!({"members": [{"残疾等级": "一级"}]})), []);
    assert_eq!(changes_of(&library, "人.护理", &json!({"members": [{}]})), []);
}

fn inquiry_of(library: &Library, paths: &[&str], json: &serde_json::Value) -> Inquiry {
    let (program, layout) = (program(library), Layout::of(library));
    let facts = facts(library, &layout, json);
    let goals: Vec<Goal> = paths.iter().map(|path| Goal { rule: rule(library, path), row: 0 }).collect();
    inquire(&program, &facts, &goals, &[])
}

fn about(inquiry: &Inquiry) -> Vec<&str> {
    inquiry.questions.iter().map(|question| question.about.as_str()).collect()
}

#[test]
fn the_question_that_decides_most_whatever_the_answer_comes_first() {
    let library = library();
    let family = json!({"household": {"城乡": "农村", "建档立卡": "否"},
                        "members": [{"姓名": "甲", "月收入": "100元"}]});
    let inquiry = inquiry_of(&library, &["人.护理", "户.对象"], &family);
    assert_eq!(about(&inquiry), ["甲的残疾等级", "存款"]);
    let first = &inquiry.questions[0];
    assert_eq!(
        (first.text.as_str(), first.sources.as_deref()),
        ("残疾人证上的等级？", Some("持证残疾人名册"))
    );
    assert_eq!((first.whose.as_str(), first.input.as_str()), ("甲", "人.残疾等级"));
    assert_eq!((first.waiting.as_slice(), first.asked_by.as_str()), ([0].as_slice(), "护理"));
    assert_eq!(first.citations, ["试用〔2020〕1号 第二条"]);
    assert_eq!(inquiry.reward, Some(Reward { compared: 2, tried: 3, at_least: 1, at_most: 1 }));

    // Both wait for the deposit now: it goes first although the other stands first in the tree.
    let inquiry = inquiry_of(&library, &["人.护理", "户.对象", "户.对象"], &family);
    assert_eq!(about(&inquiry), ["存款", "甲的残疾等级"]);
    assert_eq!(inquiry.questions[0].waiting, [1, 2]);
    assert!(inquiry.why().expect("why").contains("不论怎样回答至少定下 2 个"), "{:?}", inquiry.why());
}

#[test]
fn numbers_are_tried_on_both_sides_of_the_line_that_the_article_draws() {
    let library = library();
    let family = json!({"household": {"城乡": "农村", "存款": "0元"}, "members": [{"姓名": "甲"}]});
    // Whether it is a poor household matters only between one and two standards: no income is sure to decide.
    let inquiry = inquiry_of(&library, &["户.对象"], &family);
    assert_eq!(about(&inquiry), ["甲的月收入", "建档立卡"]);
    let reward = inquiry.reward.expect("reward");
    assert_eq!((reward.at_least, reward.at_most), (0, 1));
    assert!(reward.tried > 4, "zero and a large one alone would hide it: {reward:?}");
    assert!(inquiry.why().expect("why").contains("没有哪一项不论怎样回答都能定下结论"));
}

#[test]
fn an_unpublished_parameter_is_no_question_and_names_its_document() {
    let library = library();
    let family = json!({"household": {"城乡": "城镇", "存款": "0元", "建档立卡": "否"}, "members": [{"月收入": "1元"}]});
    let inquiry = inquiry_of(&library, &["户.对象"], &family);
    assert_eq!(inquiry.questions, []);
    assert_eq!(inquiry.open(), 1);
    assert!(inquiry.documents[0].contains("要查：县人民政府公布的标准文件"), "{:?}", inquiry.documents);
}

#[test]
fn a_list_is_asked_whether_there_is_more_and_then_what_it_is() {
    let library = library();
    let (program, layout) = (program(&library), Layout::of(&library));
    let mut facts = facts(&library, &layout, &json!({"members": [{"姓名": "甲"}]}));
    let goals = [Goal { rule: rule(&library, "人.有车"), row: 0 }];
    let first = |facts: &Facts<'_>| inquire(&program, facts, &goals, &[]).questions[0].clone();
    let list = first(&facts);
    assert_eq!((list.whose.as_str(), list.input.as_str()), ("甲", "车辆"));
    assert!(list.text.contains("名下有什么车"), "{}", list.text);
    assert!(answer(&library, &mut facts, list.missing, "也许").is_err());
    answer(&library, &mut facts, list.missing, "有").expect("read");
    let car = first(&facts);
    assert_eq!((car.input.as_str(), car.whose.as_str()), ("车辆.轿车", "甲"));
    answer(&library, &mut facts, car.missing, "否").expect("read");
    answer(&library, &mut facts, list.missing, "没有").expect("read");
    let inquiry = inquire(&program, &facts, &goals, &[]);
    assert_eq!((inquiry.open(), inquiry.questions.len()), (0, 0));
    assert_eq!(inquiry.outcomes[0].as_yes_no(), Some(false));
}

#[test]
fn what_nobody_can_answer_is_not_asked_again() {
    let library = library();
    let (program, layout) = (program(&library), Layout::of(&library));
    let facts =
        facts(&library, &layout, &json!({"household": {"城乡": "农村", "存款": "0元"}, "members": [{}]}));
    let goals = [Goal { rule: rule(&library, "户.对象"), row: 0 }];
    let asked = inquire(&program, &facts, &goals, &[]);
    let rest = inquire(&program, &facts, &goals, &[asked.questions[0].missing]);
    assert_eq!(about(&rest), &about(&asked)[1..]);
}

#[test]
fn a_number_that_is_too_small_is_told_how_much_more_it_needs() {
    let library = library();
    let sentence = |path: &str, member: serde_json::Value| {
        let changes = changes_of(&library, path, &json!({"members": [member]}));
        changes.first().map(|change| change.sentence.clone())
    };
    let months = sentence("人.缴满", json!({"姓名": "甲", "缴费月数": 168}));
    assert_eq!(months.as_deref(), Some("如果甲的缴费月数由 168 变为 180（多 12），就符合"));
    let years = sentence("人.离家", json!({"姓名": "甲", "离家年数": 2.5}));
    assert_eq!(years.as_deref(), Some("如果甲的离家年数由 2.5 变为 3.01（多 0.51），就符合"));
}

#[test]
fn a_record_is_counted_among_those_of_its_own_member() {
    let library = library();
    let (program, layout) = (program(&library), Layout::of(&library));
    let family = json!({"members": [{"姓名": "甲", "车辆": [{"轿车": "否"}]},
                                    {"姓名": "乙", "车辆": [{"轿车": "否"}, {"轿车": "是"}]}, {"车辆": [{}]}]});
    let facts = facts(&library, &layout, &family);
    let goal = rule(&library, "人.没车");
    let changes = nearest_changes(&mut Evaluation::new(&program, &facts), goal, 1);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].sentence, "如果乙的第2条车辆的轿车由 是 变为 否，就符合");
    let inquiry = inquire(&program, &facts, &[Goal { rule: goal, row: 2 }], &[]);
    assert_eq!(about(&inquiry), ["第3位成员的第1条车辆的轿车"]);
    assert_eq!(inquiry.questions[0].whose, "第3位成员");
}

#[test]
fn bounds_that_are_known_limit_the_answers_that_are_tried() {
    let library = library();
    let family = |income: &str, most: &str| {
        json!({"household": {"城乡": "农村", "存款": "0元", "建档立卡": "是"},
               "members": [{"月收入": {"不低于": income, "不超过": most}}]})
    };
    assert_eq!(inquiry_of(&library, &["户.对象"], &family("100元", "200元")).open(), 0);
    let inquiry = inquiry_of(&library, &["户.对象"], &family("879.99元", "880元"));
    assert_eq!(about(&inquiry), ["第1位成员的月收入"]);
    assert_eq!(inquiry.reward, Some(Reward { compared: 1, tried: 2, at_least: 1, at_most: 1 }));
}

#[test]
fn a_death_may_have_been_recorded_wrongly_but_nobody_is_asked_to_die() {
    let library = library();
    assert_eq!(changes_of(&library, "人.故去", &json!({"members": [{"死亡": "否"}]})), []);
    let wrongly = changes_of(&library, "人.在世", &json!({"members": [{"姓名": "甲", "死亡": "是"}]}));
    assert_eq!(wrongly[0].sentence, "如果甲的死亡由 是 变为 否，就符合");
    let child = changes_of(&library, "人.无人养", &json!({"members": [{"父亲状态": "正常"}]}));
    assert_eq!((child.len(), child[0].to.as_str()), (1, "失联"));
}

#[test]
fn what_the_vocabulary_puts_first_is_asked_before_what_stands_first_in_the_law() {
    let law = |first: &str| {
        format!(
            "---\n编号: 试\n名称: 试验\n位阶: 词表\n施行: 2010-01-01\n{first}---\n## 第一条\n```条文\n\
             输入 户.城乡: 农村、城镇\n输入 人.收入: 金额\n输入 人.有车: 是否\n\
             规则 户.对象: 是否\n  当 任一(成员 的 有车) 则 否\n  当 城乡 为 农村 则 合计(成员 的 人.收入) 低于 300元\n\
             \x20 否则 合计(成员 的 人.收入) 低于 500元\n```\n"
        )
    };
    let asked = |first: &str| {
        let source = Source { path: "national/t.md".into(), text: law(first) };
        let (library, problems) = Library::read(vec![source]);
        assert!(!has_errors(&problems), "{problems:?}");
        let family = json!({"household": {}, "members": [{"姓名": "甲"}, {"姓名": "乙"}]});
        let inquiry = inquiry_of(&library, &["户.对象"], &family);
        about(&inquiry).iter().map(|about| (*about).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(asked(""), ["甲的有车", "乙的有车", "城乡", "甲的收入", "乙的收入"]);
    let first = "先问: 户.城乡、人.收入\n";
    assert_eq!(asked(first), ["城乡", "甲的收入", "乙的收入", "甲的有车", "乙的有车"]);
}
