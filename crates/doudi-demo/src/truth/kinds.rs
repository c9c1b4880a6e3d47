//! What can be wrong, in words.

/// The kinds of planted truth: id, Chinese name, definition. A truth row names a person; "each" says which persons of
/// a household have one. "Living" is at the month's end. People who are not in the register are in no truth.
pub const KINDS: &[(&str, &str, &str)] = &[
    (
        "dead_on_dibao",
        "死亡仍在低保",
        "on the month's dibao roster, died before the month before (the payment month is later than the month of death plus one)",
    ),
    ("dead_on_tekun", "死亡仍在特困", "the same on the tekun roster"),
    ("dibao_and_tekun", "低保特困同时享受", "living, on both rosters of the month"),
    (
        "vehicle_in_dibao_household",
        "低保家庭有车",
        "each living enrolled person of a register household one of whose living members owns a 小型轿车, 小型普通客车 or 重型货车 with 状态 正常",
    ),
    (
        "second_house_in_dibao_household",
        "低保家庭有第二套房",
        "each living enrolled person of a household whose living members own two or more 住宅",
    ),
    (
        "company_in_dibao_household",
        "低保家庭有公司",
        "each living enrolled person of a household one of whose living members is 法定代表人 or 股东 of a company that is 存续",
    ),
    (
        "payroll_in_dibao_household",
        "低保家庭有财政供养人员",
        "each living enrolled person of a household one of whose living members is on the public payroll",
    ),
    (
        "pension_not_declared",
        "职工养老金未计收入",
        "each living enrolled person of a household that an employee's pension, unknown to the office, lifts above the line",
    ),
    (
        "wrongful_exit",
        "错退",
        "each living person on the dibao roster the month before and on neither dibao nor tekun now, whose household is entitled by the month's facts",
    ),
    (
        "eligible_not_enrolled",
        "漏保",
        "each living, free member, on neither dibao nor tekun in this month or the one before, of a canvassed household that is entitled by the month's facts",
    ),
    (
        "poverty_not_covered",
        "未脱贫、脱贫不稳定未兜底",
        "each living person of a 未脱贫 or 脱贫不稳定 household who is on neither dibao nor tekun",
    ),
    (
        "severe_disabled_no_care",
        "重度残疾未享护理补贴",
        "living, grade one or two, certificate valid at the month's end, not tekun, no nursing allowance",
    ),
    (
        "dibao_disabled_no_living",
        "低保残疾人未享生活补贴",
        "living, on dibao, any grade, certificate valid at the month's end, not tekun, no living allowance",
    ),
    (
        "expired_certificate_paid",
        "残疾人证过期仍发",
        "living, on the disability-benefit roster, certificate expired before the month",
    ),
    ("care_wrong_grade", "护理补贴等级不符", "living, nursing allowance with grade three or four"),
    ("living_not_dibao", "非低保享生活补贴", "living, living allowance, not on the month's dibao roster"),
    (
        "duplicate_on_roster",
        "低保重复在册",
        "on the dibao roster twice, under two certificates in two villages",
    ),
    ("orphan_overage", "儿童津贴超龄", "on the children's roster, eighteen or older at the month's end"),
    (
        "custody_counted",
        "服刑人员计入低保",
        "living, on the month's dibao roster, in custody since before the month",
    ),
    (
        "covid_unpaid",
        "新冠患者未享疫情救助",
        "confirmed, in hospital on any day of the month, on dibao, tekun, the poverty or the children's roster, no 疫情临时救助 in the month",
    ),
    (
        "payment_missing",
        "当月未发放",
        "each living person of a dibao household (or tekun person) on the month's roster for which the month has no payment row",
    ),
    (
        "amount_wrong",
        "低保金额错误",
        "each living enrolled person of a dibao household that is entitled and paid, its members together (under a second certificate too) more than ten yuan away from what is due to its living, free members or from what its roster states",
    ),
    (
        "tekun_on_dibao",
        "该吃五保吃低保",
        "living, sixty or older, the only living member of the household, no obligor, no income but the residents' pension, on dibao and not on tekun",
    ),
    (
        "undetermined",
        "情况不明",
        "each living member, paid nothing in the month, of a household with a sign of need whose canvass row is missing or without incomes",
    ),
    (
        "dead_on_disability_benefit",
        "死亡仍发两项补贴",
        "on the month's disability-benefit roster, died before the month before",
    ),
    (
        "cancelled_hukou_on_list",
        "户口注销仍在册",
        "living, struck off the register as 出国定居 or 重复户口 by the month's end, on the month's dibao or tekun roster",
    ),
    (
        "shared_account",
        "同一账户多户领款",
        "each living person enrolled on dibao whose household's money goes to an account that takes another household's dibao too",
    ),
    (
        "self_employed_in_dibao_household",
        "低保家庭有个体工商户",
        "each living enrolled person of a dibao household one of whose living members runs a 个体工商户 that is 存续 with more than 100,000 yuan",
    ),
    (
        "contribution_wage",
        "低保成员有缴费工资",
        "each living enrolled person of an ordinary dibao household (neither single person nor phased out) the contribution bases of whose living, free members together exceed two and a half times the line for all of them",
    ),
    (
        "tax_income",
        "个税收入超标",
        "the same for income of the year before as declared for income tax, a twelfth of it a month",
    ),
    (
        "deposits_over_limit",
        "存款超标",
        "each living enrolled person of a dibao household whose living, free members have more in banks than twenty-four months of the line for all of them",
    ),
    (
        "relative_not_filed",
        "近亲属享受未备案",
        "living, on dibao, a near relative of an official, not put on file",
    ),
    (
        "certificate_cancelled",
        "残疾人证注销仍发补贴",
        "living, on the disability-benefit roster, the certificate withdrawn by the month's end",
    ),
    (
        "elderly_benefit_age_wrong",
        "高龄津贴年龄不实",
        "living, on the old-age allowance's roster with a birth before the true one",
    ),
    (
        "care_mode_mismatch",
        "供养方式与入住不符",
        "living, on the tekun roster as 分散, and in a home for tekun people",
    ),
    (
        "last_month_unpaid",
        "上月未发低保金",
        "living, still registered here, on the dibao roster the month before, nothing paid to the household for it then or since",
    ),
    (
        "payment_returned",
        "发放退回未补",
        "living, the month's money for the person or, as payee, the household was sent back by the bank and not paid again",
    ),
    (
        "temporary_aid_late",
        "急难救助超过24小时",
        "helped in the month in an emergency, paid more than a day after it was accepted",
    ),
    (
        "large_bill_without_aid",
        "大额医疗未救助",
        "living, with a large bill, neither dibao nor tekun, the household's bills of twelve months more than two years of the line for everybody registered in it, its income not beyond twice the line, no car, no company and nobody on the public payroll in it, nobody in it helped with an illness in these months",
    ),
    (
        "newly_unemployed_poor",
        "新失业低收入",
        "living, registered as unemployed in the month or the two before, of a 已脱贫 or near-dibao household, neither dibao nor tekun",
    ),
    (
        "single_elder_on_dibao",
        "老年单人户低保",
        "living, on dibao, sixty or older at the month's end, the only living member of the household still registered",
    ),
    (
        "child_of_unable_parents",
        "父母无力抚养儿童未保",
        "living, under eighteen at the month's end, both parents dead or unable, not on the children's roster",
    ),
    (
        "resettled_lost_dibao",
        "搬迁断保",
        "living, of a household resettled within two years that was on dibao where it came from, on neither dibao nor tekun",
    ),
    (
        "visit_overdue",
        "探访超期",
        "living, a left-behind elder or child last visited more than half a year (183 days) before the month's end, or tekun at home and in no home more than 31",
    ),
    (
        "shared_phone",
        "电话多户共用",
        "each living person on dibao whose number on the roster stands for five households or more",
    ),
    (
        "due_eighteen",
        "下月满十八周岁",
        "living, eighteen in the next month, on the children's roster, or on dibao as the head's child, neither at school nor severely disabled",
    ),
    (
        "due_certificate",
        "残疾人证下月到期",
        "living, on the disability-benefit roster, a certificate in force that runs out in this month or the next",
    ),
    (
        "due_sixty",
        "下月满六十周岁",
        "living, on dibao and not tekun, sixty in the next month, the only living member of the household",
    ),
    (
        "bad_id_on_dibao",
        "证号有误",
        "living, still registered here, on the dibao roster with a number, as written there, that nobody can have: missing, of fifteen digits, of a wrong length, with a wrong check character or date (a right one in the name's column apart)",
    ),
];
