//! Invented names: the surnames of the Wuling mountains, given names by generation, and the characters that clerks
//! mistake for one another.

use crate::dice::Dice;
use doudi_terms::Sex;

/// Surname and weight. 冉, 田, 庹, 任, 向 are far commoner here than in the country.
#[rustfmt::skip]
const SURNAMES: &[(&str, u32)] = &[
    ("冉", 62), ("王", 58), ("张", 55), ("李", 54), ("杨", 50), ("陈", 44), ("刘", 43), ("罗", 36), ("任", 33),
    ("谢", 30), ("黄", 29), ("田", 28), ("赵", 27), ("周", 26), ("吴", 25), ("何", 24), ("廖", 22), ("向", 20),
    ("郑", 18), ("蒋", 16), ("徐", 15), ("汪", 14), ("邓", 14), ("龚", 13), ("庹", 11), ("代", 11), ("冯", 11),
    ("肖", 11), ("孙", 10), ("胡", 10), ("朱", 9), ("文", 9), ("安", 9), ("唐", 9), ("高", 8), ("马", 8),
    ("侯", 8), ("豆", 7), ("曾", 7), ("曹", 6), ("彭", 6), ("余", 6), ("程", 6), ("钟", 6), ("严", 5),
    ("石", 5), ("梁", 5), ("姚", 5), ("简", 5), ("宁", 4), ("丁", 4), ("魏", 4), ("秦", 4), ("万", 4),
    ("苏", 4), ("熊", 3), ("庞", 3), ("倪", 3), ("晏", 2), ("甘", 2), ("牟", 2), ("邵", 2), ("覃", 2),
    ("欧阳", 1), ("上官", 1),
];

/// Given-name characters, most usual first, by sex and year of birth.
const MEN_OLD: &str = "明国华文德光世学成永昌正云清仁兴忠义福贵富安平林森江河海山泽祥庆全万顺友良和中东远朝廷大元开天太长胜武荣茂盛泰康发高家先胜洪宗贤敬宽厚周书云奎";
const MEN_MIDDLE: &str =
    "勇军强刚伟建波涛斌平杰林峰华兵飞龙辉江洪小川东海松超鹏毅磊亮凯宏志文明胜贵友云成权均宇泉波阳进旭春生冬";
const MEN_NEW: &str =
    "宇浩轩俊杰涛鑫豪子博文睿航鹏瑞晨泽洋嘉佳昊天熙旭阳逸凯思源梓翔伟峰皓林奕诚宸铭锦程云霖健坤";
const WOMEN_OLD: &str =
    "英秀珍玉芳兰菊香碧素淑贞桂琼凤莲翠仙梅清群云华容芬珠银金元明惠美德会仁先光朝世春秋月蓉";
const WOMEN_MIDDLE: &str = "丽琴燕芳霞红梅玲艳萍敏娟华英小琼容蓉秀群芬莉娅春晓飞雪会洪云彩月香平静素珍";
const WOMEN_NEW: &str = "雨欣婷怡梓涵佳颖诗琪雪思静瑶嘉萱紫语彤馨妍心悦琳蕊蕾依晨梦洁玉倩雯慧钰芷可歆晴筱月";
/// The generation character that brothers and cousins share.
#[rustfmt::skip]
const GENERATIONS: &[&str] = &["世", "朝", "光", "永", "正", "德", "国", "文", "明", "兴", "泽", "昌", "学", "仁", "廷"];

/// Characters that sound alike, in groups.
#[rustfmt::skip]
const SOUNDS: &[&str] = &[
    "明铭鸣名", "华花骅桦", "英瑛莺", "平萍苹屏", "红洪宏鸿虹", "建健剑", "国果", "芳方坊", "玉钰育裕", "珍真贞甄",
    "兰岚蓝", "秀绣", "桂贵", "凤奉", "莲连廉", "林琳霖淋", "军君均钧", "强墙", "伟玮炜维", "波博勃", "杰洁捷",
    "峰锋丰枫", "龙隆", "辉晖", "志智治", "文雯纹", "海亥", "涛韬", "静婧敬", "丽莉俐", "燕艳晏彦", "霞侠", "敏闵",
    "琴勤芹", "玲凌灵铃", "梅美玫", "雪学", "佳嘉家", "怡宜仪", "欣心馨鑫昕", "雨宇羽语", "梓紫子", "涵函晗", "诗施",
    "思斯", "浩昊皓", "轩宣萱", "俊峻骏", "豪毫", "晨辰宸陈", "泽则", "阳洋扬杨", "云芸耘", "春椿", "会惠慧", "清青卿",
    "成诚城程", "德得", "光广", "世士仕", "福富", "祥详翔", "永勇泳", "忠中钟", "义毅奕逸", "先贤仙", "容蓉荣", "碧壁",
    "冉然", "代戴", "肖萧", "付傅", "余俞于", "章张", "徐许", "汪王", "邓登", "向项象", "何河", "黎李", "罗骆",
];

/// Pairs that look alike on paper.
#[rustfmt::skip]
const LOOKS: &[(char, char)] = &[
    ('冉', '再'), ('田', '由'), ('王', '玉'), ('任', '仁'), ('代', '伐'), ('刘', '列'), ('杨', '扬'), ('陈', '阵'),
    ('贵', '责'), ('芬', '芳'), ('菊', '掬'), ('兰', '三'), ('明', '朋'), ('林', '材'), ('东', '车'), ('天', '夫'),
    ('元', '无'), ('太', '大'), ('先', '光'), ('洪', '供'), ('江', '汪'), ('清', '情'), ('贞', '员'), ('银', '根'),
    ('婷', '停'), ('琪', '棋'), ('淑', '椒'), ('晨', '震'), ('梓', '样'), ('涛', '祷'), ('波', '坡'), ('敏', '敝'),
    ('萍', '苹'), ('燕', '蒸'), ('均', '钧'), ('宇', '字'), ('雪', '雷'), ('昌', '吕'), ('正', '止'), ('未', '末'),
];

/// Simplified to traditional, for the characters of the tables above.
#[rustfmt::skip]
const TRADITIONAL: &[(char, char)] = &[
    ('华', '華'), ('国', '國'), ('贵', '貴'), ('军', '軍'), ('强', '強'), ('刚', '剛'), ('伟', '偉'), ('涛', '濤'),
    ('龙', '龍'), ('辉', '輝'), ('东', '東'), ('鹏', '鵬'), ('凯', '凱'), ('丽', '麗'), ('红', '紅'), ('玲', '玲'),
    ('艳', '豔'), ('兰', '蘭'), ('凤', '鳳'), ('莲', '蓮'), ('琼', '瓊'), ('银', '銀'), ('陈', '陳'), ('刘', '劉'),
    ('张', '張'), ('杨', '楊'), ('罗', '羅'), ('谢', '謝'), ('黄', '黃'), ('赵', '趙'), ('吴', '吳'), ('邓', '鄧'),
    ('龚', '龔'), ('郑', '鄭'), ('蒋', '蔣'), ('冯', '馮'), ('孙', '孫'), ('马', '馬'), ('学', '學'), ('兴', '興'),
    ('义', '義'), ('云', '雲'), ('泽', '澤'), ('庆', '慶'), ('万', '萬'), ('顺', '順'), ('荣', '榮'), ('发', '發'),
    ('长', '長'), ('胜', '勝'), ('开', '開'), ('远', '遠'), ('贤', '賢'), ('杰', '傑'), ('飞', '飛'), ('志', '誌'),
];

pub(crate) struct Names {
    surnames: Vec<u32>,
    tables: [GivenTable; 6],
}

struct GivenTable {
    letters: Vec<char>,
    weights: Vec<u32>,
}

impl GivenTable {
    fn new(text: &str) -> GivenTable {
        let letters: Vec<char> = text.chars().collect();
        // Popularity falls off like one over the rank, as it does in real lists of names.
        let weights = (0..letters.len() as u32).map(|rank| 10_000 / (rank + 6)).collect();
        GivenTable { letters, weights }
    }

    fn letter(&self, dice: &mut Dice) -> char {
        self.letters[dice.weighted(&self.weights)]
    }
}

impl Names {
    pub fn new() -> Names {
        let tables = [MEN_OLD, MEN_MIDDLE, MEN_NEW, WOMEN_OLD, WOMEN_MIDDLE, WOMEN_NEW].map(GivenTable::new);
        Names { surnames: SURNAMES.iter().map(|(_, weight)| *weight).collect(), tables }
    }

    pub fn surname(&self, dice: &mut Dice) -> &'static str {
        SURNAMES[dice.weighted(&self.surnames)].0
    }

    /// The character that one generation of a family shares.
    pub fn generation(dice: &mut Dice) -> &'static str {
        GENERATIONS[dice.index(GENERATIONS.len())]
    }

    pub fn full(&self, dice: &mut Dice, surname: &str, sex: Sex, year: i16, generation: &str) -> String {
        let era = if year < 1965 { 0 } else { usize::from(year >= 1995) + 1 };
        let table = &self.tables[era + if sex == Sex::Male { 0 } else { 3 }];
        let single = [60, 280, 170][era];
        let shared = if sex == Sex::Male { [450, 180, 40][era] } else { [200, 60, 20][era] };
        let mut name = String::with_capacity(12);
        name.push_str(surname);
        if dice.per_mille(shared) {
            name.push_str(generation);
        } else if !dice.per_mille(single) {
            name.push(table.letter(dice));
        }
        name.push(table.letter(dice));
        name
    }

    pub fn sounds_like(dice: &mut Dice, letter: char) -> Option<char> {
        let group = SOUNDS.iter().find(|group| group.contains(letter))?;
        let others: Vec<char> = group.chars().filter(|&other| other != letter).collect();
        Some(*dice.pick(&others))
    }

    pub fn looks_like(letter: char) -> Option<char> {
        LOOKS.iter().find_map(|&(a, b)| match letter {
            c if c == a => Some(b),
            c if c == b => Some(a),
            _ => None,
        })
    }

    pub fn traditional(name: &str) -> String {
        let change =
            |letter| TRADITIONAL.iter().find(|(plain, _)| *plain == letter).map_or(letter, |pair| pair.1);
        name.chars().map(change).collect()
    }
}
