//! What people write for one another: traditional forms, look-alike characters and sounds.
//!
//! The two tables are written by hand for characters that are usual in names. Traditional and variant forms follow the
//! General List of Simplified Characters (简化字总表) and the First Table of Variant Characters (第一批异体字整理表);
//! look-alikes are those that clerks and scanners mix up. Sounds come from the `pinyin` crate. To teach the program one
//! more pair, add it to a table: nothing else changes.

use pinyin::ToPinyin;
use rustc_hash::FxHashMap;

/// Each pair is a traditional or variant form and the form it is read as.
const TRADITIONAL: &str = "\
國国 學学 華华 東东 龍龙 鳳凤 貴贵 蘭兰 蓮莲 藝艺 麗丽 軍军 偉伟 強强 彊强 傑杰 剛刚 勝胜 榮荣 慶庆 義义 興兴 寶宝 寳宝 \
億亿 儀仪 儉俭 優优 倫伦 偵侦 側侧 備备 傳传 傷伤 僑侨 價价 儒儒 內内 兩两 冊册 凍冻 處处 別别 則则 創创 劉刘 劍剑 勁劲 \
動动 務务 勞劳 勳勋 勛勋 勵励 區区 協协 單单 卻却 衛卫 衞卫 厭厌 廠厂 參参 叢丛 吳吴 呂吕 員员 問问 啟启 啓启 喬乔 單单 \
嚴严 囑嘱 園园 圓圆 圖图 團团 報报 場场 塊块 塵尘 墊垫 墻墙 壇坛 壯壮 壽寿 夢梦 奧奥 奮奋 妝妆 姍姗 姪侄 娛娱 婭娅 婦妇 \
媽妈 嫻娴 孫孙 實实 寧宁 審审 寫写 寬宽 將将 專专 尋寻 對对 導导 屆届 屬属 岡冈 峽峡 島岛 嶺岭 嶽岳 嵐岚 巖岩 巒峦 師师 \
帥帅 帶带 幣币 幫帮 幹干 庫库 廣广 廈厦 廬庐 廳厅 張张 彌弥 彎弯 彥彦 徑径 從从 徠徕 復复 德德 恆恒 悅悦 愛爱 態态 慣惯 \
憐怜 憲宪 憶忆 懷怀 戀恋 戰战 戲戏 戶户 拋抛 捨舍 揚扬 換换 揮挥 摯挚 撫抚 擇择 擔担 據据 擴扩 擺摆 攝摄 敘叙 敵敌 數数 \
斂敛 斬斩 斷断 時时 晉晋 晝昼 暉晖 暢畅 曄晔 曉晓 曆历 曇昙 曠旷 書书 會会 朧胧 條条 梟枭 棟栋 棲栖 楊杨 楓枫 業业 極极 \
構构 槍枪 樂乐 樓楼 標标 樞枢 樣样 樸朴 樹树 橋桥 機机 檢检 檯台 權权 歐欧 歡欢 歲岁 歷历 歸归 殘残 殺杀 毀毁 氣气 決决 \
沖冲 沈沈 況况 洩泄 淚泪 淨净 淵渊 淺浅 渾浑 湊凑 湯汤 溫温 準准 溝沟 滄沧 滅灭 滿满 漁渔 漢汉 漣涟 潔洁 潤润 潛潜 潯浔 \
澤泽 澗涧 濃浓 濟济 濤涛 濱滨 瀅滢 瀏浏 瀚瀚 瀟潇 灃沣 灑洒 灣湾 災灾 為为 爲为 烏乌 無无 煉炼 煒炜 煙烟 煥焕 煬炀 熒荧 \
熱热 熾炽 燁烨 燈灯 燒烧 燦灿 燭烛 爍烁 爐炉 爭争 爺爷 爾尔 牆墙 牽牵 犧牺 狀状 獎奖 獨独 獻献 玆兹 現现 琺珐 瑋玮 瑤瑶 \
瑩莹 瑪玛 璉琏 璣玑 璦瑷 環环 璽玺 瓊琼 瓏珑 畝亩 畢毕 畫画 異异 當当 疇畴 療疗 癢痒 發发 皚皑 盜盗 盡尽 監监 盤盘 盧卢 \
眾众 衆众 睜睁 睞睐 瞞瞒 矚瞩 矯矫 碩硕 確确 磚砖 礎础 禎祯 禪禅 禮礼 禹禹 禿秃 種种 稱称 穀谷 積积 穎颖 穩稳 窮穷 竄窜 \
競竞 筆笔 節节 範范 築筑 簡简 簽签 籃篮 籌筹 籠笼 糧粮 糾纠 紀纪 約约 紅红 紋纹 納纳 純纯 紗纱 紙纸 級级 紛纷 素素 紡纺 \
細细 紳绅 紹绍 終终 組组 結结 絢绚 給给 絨绒 絡络 絲丝 絹绢 綁绑 經经 綠绿 緒绪 綜综 綢绸 維维 綱纲 網网 綺绮 綻绽 綾绫 \
綿绵 緊紧 緗缃 緞缎 線线 綫线 緣缘 編编 緩缓 緯纬 練练 縈萦 縣县 縱纵 總总 績绩 繁繁 織织 繡绣 綉绣 繪绘 繹绎 繼继 續续 \
纓缨 罈坛 罷罢 羅罗 羋芈 聖圣 聞闻 聯联 聰聪 聲声 聶聂 職职 聽听 肅肃 脈脉 腦脑 腳脚 臉脸 膚肤 臘腊 臥卧 臨临 臺台 與与 \
舉举 舊旧 艦舰 艷艳 豔艳 艶艳 芻刍 莊庄 莖茎 莧苋 華华 萊莱 萬万 葉叶 葒荭 葦苇 葷荤 蒼苍 蓀荪 蓋盖 蔣蒋 蔔卜 蕓芸 蕎荞 \
蕪芜 蕭萧 薈荟 薑姜 薔蔷 薦荐 薩萨 藍蓝 藥药 藹蔼 蘆芦 蘇苏 蘊蕴 蘋苹 蘿萝 處处 虛虚 號号 蟬蝉 蠟蜡 術术 裏里 裡里 補补 \
裝装 製制 複复 襄襄 覃覃 見见 規规 視视 親亲 覺觉 覽览 觀观 計计 訂订 訓训 記记 訪访 設设 許许 訴诉 評评 詞词 試试 詩诗 \
詠咏 詢询 話话 詳详 誌志 認认 語语 誠诚 說说 説说 誰谁 課课 誼谊 調调 諄谆 談谈 請请 諒谅 論论 諧谐 諸诸 諾诺 謀谋 謙谦 \
講讲 謝谢 謹谨 譚谭 譜谱 識识 證证 護护 譽誉 讀读 變变 讓让 讚赞 豐丰 貝贝 貞贞 負负 財财 貢贡 貨货 責责 賀贺 買买 費费 \
貽贻 資资 賈贾 賓宾 賜赐 賞赏 賢贤 賣卖 質质 賴赖 購购 賽赛 贇赟 贊赞 贏赢 趙赵 趨趋 躍跃 車车 軒轩 軟软 軻轲 載载 輔辅 \
輕轻 輝辉 輪轮 輯辑 輸输 轅辕 轉转 辦办 辭辞 農农 迴回 逕迳 這这 連连 進进 運运 過过 達达 違违 遙遥 遜逊 遞递 遠远 適适 \
遲迟 遷迁 選选 遺遗 還还 邁迈 郟郏 郵邮 鄉乡 鄒邹 鄔邬 鄧邓 鄭郑 鄰邻 酈郦 醫医 醬酱 釀酿 釋释 釗钊 針针 釣钓 鈞钧 鈴铃 \
鈺钰 鉅钜 鉑铂 銀银 銅铜 銘铭 銓铨 銳锐 鋒锋 鋼钢 錄录 錢钱 錦锦 錫锡 錚铮 鍵键 鍾钟 鎖锁 鎮镇 鎔镕 鏑镝 鏡镜 鐘钟 鐵铁 \
鑄铸 鑑鉴 鑒鉴 鑫鑫 鑰钥 鑾銮 長长 門门 閃闪 閆闫 開开 閏闰 閒闲 間间 閔闵 閣阁 閨闺 閱阅 閻阎 闆板 闊阔 關关 闡阐 陝陕 \
陣阵 陰阴 陳陈 陸陆 陽阳 隊队 階阶 際际 隨随 險险 隱隐 隸隶 雋隽 雙双 雛雏 雜杂 離离 難难 雲云 電电 霧雾 靈灵 靚靓 靜静 \
靑青 韋韦 韓韩 韌韧 韜韬 韻韵 響响 頁页 頂顶 項项 順顺 須须 頌颂 預预 頓顿 領领 頡颉 頤颐 頭头 頻频 題题 顏颜 額额 願愿 \
類类 顧顾 顯显 風风 颯飒 飄飘 飛飞 飯饭 飲饮 館馆 饒饶 馬马 馮冯 馳驰 駒驹 駿骏 騎骑 騰腾 驊骅 驍骁 驕骄 驗验 驚惊 驛驿 \
驥骥 體体 髮发 鬆松 鬥斗 鬱郁 魏魏 魚鱼 魯鲁 鮑鲍 鮮鲜 鯉鲤 鯤鲲 鯨鲸 鰲鳌 鳥鸟 鳴鸣 鴻鸿 鴿鸽 鵑鹃 鵝鹅 鵬鹏 鶯莺 鶴鹤 \
鷗鸥 鷹鹰 鸞鸾 鹽盐 麥麦 麼么 黃黄 點点 黨党 齊齐 齋斋 齡龄 龐庞 龔龚 龜龟 於于 餘余 後后 峯峰 羣群 喆哲 湧涌 囯国 國国 \
翺翱 昇升 陞升 崑昆 嶔嵚 祕秘 祿禄 菓果 葯药 逈迥 迺乃 隣邻 韮韭 堃坤 淼淼 犇奔 琹琴 甦苏 竝并 並并 併并 侶侣 倖幸 凈净 \
減减 匯汇 彙汇 卽即 吶呐 呪咒 喚唤 嘆叹 嘯啸 坵丘 塚冢 堯尧 壎埙 妳你 姸妍 嬌娇 嬋婵 嬰婴 嬸婶 孃娘 寔实 尙尚 屛屏 崢峥 \
嶸嵘 巂嶲 幀帧 庄庄 廩廪 弍二 悽凄 愷恺 慮虑 懍懔 懋懋 戩戬 掄抡 揀拣 擁拥 攬揽 敎教 旣既 昻昂 暁晓 晧皓 晳皙 暎映 晩晚 \
朶朵 枏楠 栢柏 桿杆 梔栀 楨桢 榘矩 槑梅 樁桩 櫻樱 欄栏 欽钦 歛敛 殞殒 氫氢 汎泛 沍冱 洶汹 涇泾 淶涞 湞浈 湻淳 溈沩 溼湿 \
滙汇 漵溆 澂澄 澠渑 濬浚 濼泺 瀾澜 灝灏 焰焰 煇辉 燄焰 燐磷 爲为 牀床 猶犹 珎珍 珮佩 琍璃 瑯琅 瑒玚 璿璇 瓈璃 甯宁 甌瓯 \
畊耕 皁皂 皐皋 皓皓 盃杯 睪睾 睿睿 瞭了 砲炮 礪砺 祇只 禱祷 穏稳 穫获 窻窗 竒奇 筍笋 箏筝 簫箫 粛肃 紘纮 紜纭 紱绂 紫紫 \
絳绛 綸纶 緋绯 緹缇 縉缙 縝缜 繽缤 纖纤 纘缵 罵骂 羨羡 翶翱 聃聃 聨联 脩修 臝裸 舖铺 艸草 芲花 荘庄 菴庵 萇苌 蒞莅 蓯苁 \
蔭荫 薀蕴 薰熏 虜虏 衚胡 裊袅 褀祺 覌观 觔斤 詒诒 詡诩 詣诣 誨诲 諍诤 諶谌 謐谧 譯译 豊丰 賁贲 賡赓 赬赪 踐践 軼轶 輅辂 \
輿舆 轍辙 辳农 逹达 遊游 邇迩 鄺邝 醞酝 釐厘 鈐钤 鈷钴 鉉铉 鉦钲 銑铣 銥铱 鋐𬭎 鋭锐 錕锟 錡锜 鍇锴 鍔锷 鍼针 鎧铠 鏘锵 \
鐸铎 鑣镳 閎闳 閩闽 闌阑 闓闿 闕阙 雞鸡 霑沾 靄霭 鞦秋 頊顼 頎颀 頔𬱖 顥颢 飈飙 饉馑 駱骆 駟驷 騏骐 騫骞 驤骧 骉骉 鬍胡 \
鯇鲩 鵷鹓 鸝鹂 麐麟 麿麿 黌黉 黽黾 齣出 龢和 眞真 衹只 産产 產产 兗兖 麵面 鬚须 鐡铁 銹锈 鏽锈 籤签 覇霸 栁柳 囘回 囬回";

/// Characters that are mixed up by eye, in groups. A character may stand in several groups.
const LOOKALIKE: &str = "\
己已巳 末未 日曰目 土士上 干千于 天夫夭大太犬 王玉主 人入八 刀力刁 午牛 田由甲申电 子孑了 戊戌戍成 免兔 东乐 今令 玲铃伶岭 \
竞竟 侯候 辛幸 酒洒 晴睛清情 睛晴 杨扬场汤 治冶 陈阵东 祥详样 辰晨展 微徽 茶荼 崇祟 丽莉 张章 洋样烊 芬芳 兰蓝 荣蓉 梅海悔 \
娟涓绢捐 莹萤荧营 春舂 文攵又 元无兀 志忐忘 坤绅神申 波披坡 风凤冈 付傅 代戴伐 平苹萍评 永咏泳水 庆厌 勇湧涌 辉晖挥 \
浩皓洁 婷停亭 艳燕 敏闵 霞瑕 云芸去 琼穷 素索 珍诊趁 英瑛央 秀绣透 桂挂佳 明朋 成诚城 国囯因 连莲 于余 建健 军车 林木村 \
伟纬玮 红江虹 华毕 刚钢岗 强弱 杰木 峰锋蜂 磊垒 斌武 宏宠 涛寿 鹏棚 超赵 刘浏 孙孔 李季 吕品 吴昊 冯马 邓郑 郭敦 罗萝 \
胡湖 高亮 何河 韩朝 曹曾 彭膨 袁衰 蒋将 蔡葵 余佘 叶汁 程呈 苏办 魏巍 任仁 姜美 范苑 汪江 石右 金全 贾贸 夏复 方万 邹绉 \
熊能 白自百 孟盂 秦泰奏 薛薜 侯喉 雷需 段殷 龙尤 陶淘 贺贸 顾颇 毛手 郝赫 龚袭 邵邰 钱线 汤场 尹伊 黎黍 乔桥 赖籁 庞宠 \
兴兰 贵责 富窗 财材 福幅 祖租 德得 忠患 良食 善喜 俊峻骏竣 佳住 嘉喜 宇字宁 轩杆 涵函 萱宣 怡恰 欣欧 悦说 琪棋 瑶遥 \
静净 慧惠 颖颍 倩情 蕾雷 薇微 雪雷 雯文 婕捷 娜哪 妍研 妮泥 媛援缓 嫣焉 茹如 菲非 蓓倍 彤形 月用 巧功 翠碎 兵乒乓 \
仙灿 光先 发友 有友 生主 安女 宝室 守宁 定走 庚康 廷延 弘私 彬杉 心必 惟唯 慈兹 承丞 振震 擎警 政玫 教孝 斗头 新亲 旭旮 \
昌冒 易昜 映央 晓饶 景影 智知 曼蔓 書畫 朗郎 本木 权杈 材村 来米 柏帕 柱住 根银 栋拣 森林 楠南 欢欣 正止 步涉 毅殿 民氏 \
气乞 沙抄 泉皇 泽译择 洪烘 润闰 淑叔 深探 渊湘 源原 滨宾 灵炎 炳病 烈列 焕换 然燃 照熙 爱受 珊册 珠株 理里 琳林 琴岑 \
瑞端 璐露 甜甘 盛成 盼粉 真直 眉看 祝税 礼札 禄碌 秋私 科料 章童 竹什 笑哭 纪记 细田 维唯 绍沼 美姜 群君 翔祥 翰幹 耀跃 \
聪恩 胜性 自白 至室 舒舍 良艮 花化 若苦 荷菏 萌明 蓬莲 虎虚 裕格 西酉 言信 誉举 诗寺 诺若 谦廉 贝见 贤坚 起赵 路露 轮轮 \
达迖 进井 远近 逸免 道首 郁都 采彩 里重 锐悦 锦棉 长张 门们 阳阴 陆陈 雁鹰 青靑责 飞气 香查 马鸟 鸣鸟 鸿鸟 麟鳞 黄横 齐斋";

/// Blank space, for one character, in a table indexed by code point.
const CJK_FIRST: u32 = 0x4E00;
const CJK_LAST: u32 = 0x9FFF;

/// The tables above in the form in which they are asked.
pub(crate) struct Characters {
    /// Simplified form by code point from [`CJK_FIRST`]; 0 = the character itself.
    simplified: Vec<u16>,
    /// Number of the syllable by code point from [`CJK_FIRST`]; 0 = not known.
    sound: Vec<u16>,
    /// Class of the leading consonant, by number of the syllable.
    consonant: Vec<u8>,
    lookalike: FxHashMap<char, Vec<u16>>,
}

impl Characters {
    pub(crate) fn new() -> Characters {
        let (sound, consonant) = sounds();
        Characters { simplified: simplified_forms(), sound, consonant, lookalike: lookalike_groups() }
    }

    /// Whether the tables reach this character.
    pub(crate) fn knows(c: char) -> bool {
        (CJK_FIRST..=CJK_LAST).contains(&u32::from(c))
    }

    pub(crate) fn simplified(&self, c: char) -> char {
        let at = u32::from(c).wrapping_sub(CJK_FIRST) as usize;
        match self.simplified.get(at) {
            Some(&to) if to != 0 => char::from_u32(u32::from(to)).unwrap_or(c),
            _ => c,
        }
    }

    /// A number that is the same for characters of one (dialect-proof) sound; for others the character itself.
    pub(crate) fn sound(&self, c: char) -> u32 {
        match self.syllable(c) {
            0 => u32::from(c) | 0x8000_0000,
            syllable => u32::from(syllable),
        }
    }

    pub(crate) fn same_sound(&self, a: char, b: char) -> bool {
        self.sound(a) == self.sound(b)
    }

    pub(crate) fn look_alike(&self, a: char, b: char) -> bool {
        match (self.lookalike.get(&a), self.lookalike.get(&b)) {
            (Some(a), Some(b)) => a.iter().any(|group| b.contains(group)),
            _ => false,
        }
    }

    /// The characters that are mixed up with this one.
    pub(crate) fn lookalikes(&self, c: char) -> Vec<char> {
        let groups = self.lookalike.get(&c).map_or(&[][..], Vec::as_slice);
        let all = LOOKALIKE.split_whitespace().enumerate();
        let of = all.filter(|(number, _)| groups.iter().any(|group| usize::from(*group) == *number));
        of.flat_map(|(_, group)| group.chars()).filter(|&other| other != c).collect()
    }

    /// Transliterations of one foreign sound share the class of the leading consonant: 提 and 地, 合 and 海.
    pub(crate) fn same_consonant(&self, a: char, b: char) -> bool {
        let class = |c| self.consonant.get(usize::from(self.syllable(c))).copied().unwrap_or(0);
        class(a) != 0 && class(a) == class(b)
    }

    fn syllable(&self, c: char) -> u16 {
        self.sound.get(u32::from(c).wrapping_sub(CJK_FIRST) as usize).copied().unwrap_or(0)
    }
}

fn simplified_forms() -> Vec<u16> {
    let mut table = vec![0_u16; (CJK_LAST - CJK_FIRST + 1) as usize];
    for pair in TRADITIONAL.split_whitespace() {
        let mut chars = pair.chars();
        if let (Some(from), Some(to)) = (chars.next(), chars.next())
            && from != to
            && let Ok(to) = u16::try_from(u32::from(to))
            && let Some(cell) = table.get_mut(u32::from(from).wrapping_sub(CJK_FIRST) as usize)
        {
            *cell = to;
        }
    }
    table
}

fn lookalike_groups() -> FxHashMap<char, Vec<u16>> {
    let mut groups: FxHashMap<char, Vec<u16>> = FxHashMap::default();
    for (number, group) in (0_u16..).zip(LOOKALIKE.split_whitespace()) {
        for c in group.chars() {
            groups.entry(c).or_default().push(number);
        }
    }
    groups
}

/// The syllable of every character and the consonant class of every syllable.
fn sounds() -> (Vec<u16>, Vec<u8>) {
    let mut numbers: FxHashMap<String, u16> = FxHashMap::default();
    let mut consonant = vec![0_u8];
    let table = (CJK_FIRST..=CJK_LAST)
        .map(|code| {
            let Some(reading) = char::from_u32(code).and_then(|c| c.to_pinyin()) else { return 0 };
            let plain = reading.plain();
            let sound = dialect_proof(plain);
            if let Some(&known) = numbers.get(&sound) {
                return known;
            }
            let number = u16::try_from(consonant.len()).unwrap_or(0);
            consonant.push(consonant_class(plain));
            numbers.insert(sound, number);
            number
        })
        .collect();
    (table, consonant)
}

/// Sounds that most speakers outside the north do not tell apart when they spell: zh/z, ch/c, sh/s and a final -ng/-n.
fn dialect_proof(syllable: &str) -> String {
    let mut sound = syllable.replacen("zh", "z", 1).replacen("ch", "c", 1).replacen("sh", "s", 1);
    if (sound.ends_with("ing") || sound.ends_with("eng")) && sound.len() > 3 {
        sound.pop();
    }
    sound
}

fn consonant_class(syllable: &str) -> u8 {
    match syllable.as_bytes().first() {
        Some(b'b' | b'p' | b'f') => 1,
        Some(b'd' | b't') => 2,
        Some(b'g' | b'k' | b'h') => 3,
        Some(b'j' | b'q' | b'x' | b'z' | b'c' | b's') => 4,
        Some(b'l' | b'r') => 5,
        Some(b'm') => 6,
        Some(b'n') => 7,
        Some(_) => 8,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_forms_are_read_as_simplified() {
        let characters = Characters::new();
        for (from, to) in
            [('劉', '刘'), ('國', '国'), ('衛', '卫'), ('峯', '峰'), ('国', '国'), ('a', 'a'), ('𠮷', '𠮷')]
        {
            assert_eq!(characters.simplified(from), to);
        }
    }

    #[test]
    fn sounds_hold_across_the_usual_accents() {
        let characters = Characters::new();
        assert!(
            characters.same_sound('丽', '莉')
                && characters.same_sound('珍', '贞')
                && characters.same_sound('英', '音')
        );
        assert!(
            !characters.same_sound('丽', '张')
                && !characters.same_sound('?', '*')
                && characters.same_sound('𠮷', '𠮷')
        );
        assert!(characters.same_consonant('提', '地') && !characters.same_consonant('提', '马'));
    }

    #[test]
    fn no_character_of_the_tables_is_beyond_their_reach() {
        for pair in TRADITIONAL.split_whitespace() {
            assert_eq!(pair.chars().count(), 2, "{pair}");
        }
        let characters = Characters::new();
        for group in LOOKALIKE.split_whitespace() {
            let first = group.chars().next().expect("a character");
            assert!(group.chars().all(|c| characters.look_alike(first, c)), "{group}");
        }
    }
}
