# --8<-- [start:feed]
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

# 照 arXiv 接口的格式写成的一份响应：编号、题目、作者、日期是事实，
# 摘要一概不抄，换成本书自己写的一句话
FEED = """\
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"
      xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"
      xmlns:arxiv="http://arxiv.org/schemas/atom">
  <title>ArXiv Query: search_query=&amp;id_list=1706.03762&amp;start=0</title>
  <id>http://arxiv.org/api/handbook</id>
  <updated>2026-11-23T00:00:00-05:00</updated>
  <opensearch:totalResults>6</opensearch:totalResults>
  <entry>
    <id>http://arxiv.org/abs/1706.03762v7</id>
    <published>2017-06-12T17:57:34Z</published>
    <updated>2023-08-02T00:41:18Z</updated>
    <title>Attention Is All
  You Need</title>
    <summary>  只用注意力 &amp; 前馈网络搭出
  Transformer，不用循环，也不用卷积。</summary>
    <author><name>Ashish Vaswani</name></author>
    <author><name>Noam Shazeer</name></author>
    <author><name>Niki Parmar</name></author>
    <author><name>Jakob Uszkoreit</name></author>
    <author><name>Llion Jones</name></author>
    <author><name>Aidan N. Gomez</name></author>
    <author><name>Lukasz Kaiser</name></author>
    <author><name>Illia Polosukhin</name></author>
    <arxiv:comment>15 pages, 5 figures</arxiv:comment>
    <arxiv:primary_category term="cs.CL"/>
    <category term="cs.CL"/>
    <category term="cs.LG"/>
  </entry>
  <entry>
    <id>http://arxiv.org/abs/1706.03762v1</id>
    <published>2017-06-12T17:57:34Z</published>
    <updated>2017-06-12T17:57:34Z</updated>
    <title>Attention Is All You Need</title>
    <summary>同一篇论文的第一版。</summary>
    <author><name>Ashish Vaswani</name></author>
    <arxiv:primary_category term="cs.CL"/>
    <category term="cs.CL"/>
    <category term="cs.LG"/>
  </entry>
  <entry>
    <id>http://arxiv.org/abs/1512.03385v1</id>
    <published>2015-12-10T19:51:55Z</published>
    <updated>2015-12-10T19:51:55Z</updated>
    <title>Deep Residual Learning for Image Recognition</title>
    <summary>每隔几层加一条恒等捷径，层数 &gt; 100 的网络也能训练。</summary>
    <author><name>Kaiming He</name></author>
    <author><name>Xiangyu Zhang</name></author>
    <author><name>Shaoqing Ren</name></author>
    <author><name>Jian Sun</name></author>
    <arxiv:primary_category term="cs.CV"/>
    <category term="cs.CV"/>
  </entry>
  <entry>
    <id>http://arxiv.org/abs/1412.6980v9</id>
    <published>2014-12-22T13:54:29Z</published>
    <updated>2017-01-30T01:27:54Z</updated>
    <title>Adam: A Method for Stochastic Optimization</title>
    <summary>用一阶矩与二阶矩的滑动平均，为每个参数定步长。</summary>
    <author><name>Diederik P. Kingma</name></author>
    <author><name>Jimmy Ba</name></author>
    <arxiv:comment>Published as a conference paper at the 3rd International
  Conference for Learning Representations, San Diego, 2015</arxiv:comment>
    <arxiv:primary_category term="cs.LG"/>
    <category term="cs.LG"/>
  </entry>
  <entry>
    <id>http://arxiv.org/abs/1810.04805v2</id>
    <published>2018-10-11T00:50:01Z</published>
    <updated>2019-05-24T20:37:26Z</updated>
    <title>BERT: Pre-training of Deep Bidirectional Transformers for Language
  Understanding</title>
    <summary>遮住一部分词元再预测它们，预训练出双向的编码器。</summary>
    <author><name>Jacob Devlin</name></author>
    <author><name>Ming-Wei Chang</name></author>
    <author><name>Kenton Lee</name></author>
    <author><name>Kristina Toutanova</name></author>
    <arxiv:primary_category term="cs.CL"/>
    <category term="cs.CL"/>
  </entry>
  <entry>
    <id>http://arxiv.org/abs/hep-th/9711200v3</id>
    <published>1997-11-27T23:53:13Z</published>
    <updated>1998-01-22T15:42:41Z</updated>
    <title>The Large N Limit of Superconformal Field Theories and Supergravity</title>
    <summary>提出一类共形场论与引力理论之间的对应。</summary>
    <author><name>Juan M. Maldacena</name></author>
    <arxiv:comment>20 pages, harvmac, v2: section on AdS_2 corrected, references
  added, v3: More references and a sign in eqns 2.8 and 2.9 corrected</arxiv:comment>
    <arxiv:journal_ref>Adv.Theor.Math.Phys.2:231-252,1998</arxiv:journal_ref>
    <arxiv:doi>10.1023/A:1026654312961</arxiv:doi>
    <arxiv:primary_category term="hep-th"/>
    <category term="hep-th"/>
  </entry>
</feed>
"""
# --8<-- [end:feed]

# --8<-- [start:identifier]
# 写 [0-9] 不写 \d：后者连全角数字也认
NEW_ID = re.compile(r"([0-9]{2})([0-9]{2})\.([0-9]{4,5})")
OLD_ID = re.compile(r"[a-z]+(?:-[a-z]+)?(?:\.[A-Z]{2})?/([0-9]{2})([0-9]{2})[0-9]{3}")


def split_id(text: str) -> tuple[str, int | None]:
    """拆出不带版本的编号与版本号；没写版本就是 None，指最后一版。"""
    base, version = re.fullmatch(r"(.*?)(?:v([1-9][0-9]*))?", text, re.S).groups()
    new, old = NEW_ID.fullmatch(base), OLD_ID.fullmatch(base)
    if not (match := new or old):
        raise ValueError(f"不是 arXiv 编号：{text!r}")
    year, month = int(match[1]), int(match[2])
    if not 1 <= month <= 12:
        raise ValueError(f"月份 {month:02d} 不存在：{text!r}")
    # 新号自 2007 年 4 月起用，旧号自 1991 年 7 月起用，两者不并存
    if bool(new) != (704 <= year * 100 + month < 9107):
        raise ValueError(f"那个年月不用这种编号：{text!r}")
    # 2015 年起序号由四位变五位，位数不对的是抄错了
    if new and len(new[3]) != (4 if year < 15 else 5):
        raise ValueError(f"序号的位数与年份不符：{text!r}")
    return base, int(version) if version else None


for text in ["1706.3762", "1713.03762", "0703.0001", "cs.CL"]:
    try:
        split_id(text)
    except ValueError as error:
        print(error)
# --8<-- [end:identifier]


# --8<-- [start:paper]
ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"


@dataclass(frozen=True)
class Paper:
    base: str
    version: int | None
    title: str
    authors: tuple[str, ...]
    summary: str
    submitted: datetime  # 第一版的时间，元素名却叫 published
    revised: datetime  # 这一版的时间
    primary: str
    categories: tuple[str, ...]
    comment: str | None
    journal: str | None
    doi: str | None


def one_line(text: str) -> str:
    # 长题目在响应里会折行，行首还有空格；&amp; 之类已由 XML 解析器还原
    return " ".join(text.split())


# --8<-- [end:paper]


# --8<-- [start:parse]
def parse_entry(entry: ET.Element) -> Paper:
    link = (entry.findtext(f"{ATOM}id") or "").strip()
    if "/api/errors" in link:
        # 请求有错时，接口照样给一个条目，题目是 Error
        reason = one_line(entry.findtext(f"{ATOM}summary") or "没有说明")
        raise ValueError(f"接口报错：{reason}")
    if "/abs/" not in link:
        raise ValueError(f"条目没有可用的 <id>：{link!r}")
    name = link.split("/abs/")[1]

    def need(tag: str) -> str:
        text = one_line(entry.findtext(f"{ATOM}{tag}") or "")
        if not text:
            raise ValueError(f"{name}：缺 <{tag}>")
        return text

    def optional(tag: str) -> str | None:
        return one_line(entry.findtext(f"{ARXIV}{tag}") or "") or None

    authors = [a.findtext(f"{ATOM}name") for a in entry.findall(f"{ATOM}author")]
    primary = entry.find(f"{ARXIV}primary_category")
    if not authors or not all(authors):
        raise ValueError(f"{name}：缺 <author>")
    if primary is None:
        raise ValueError(f"{name}：缺 <arxiv:primary_category>")
    base, version = split_id(name)
    return Paper(
        base=base,
        version=version,
        title=need("title"),
        authors=tuple(one_line(author) for author in authors),
        summary=need("summary"),
        submitted=datetime.fromisoformat(need("published")),
        revised=datetime.fromisoformat(need("updated")),
        primary=primary.attrib["term"],
        categories=tuple(c.attrib["term"] for c in entry.findall(f"{ATOM}category")),
        comment=optional("comment"),
        journal=optional("journal_ref"),
        doi=optional("doi"),
    )


# --8<-- [end:parse]


# --8<-- [start:read]
def parse_feed(text: str) -> list[Paper]:
    try:
        root = ET.fromstring(text.encode())
    except ET.ParseError as error:
        # 被限流时，回来的是一句纯文本，不是 XML
        raise ValueError(f"不是 XML：{text[:20]!r}（{error}）") from error
    return [parse_entry(entry) for entry in root.findall(f"{ATOM}entry")]


everything = parse_feed(FEED)
print(f"收到 {len(everything)} 条")
for bad in ["Rate exceeded.", FEED.replace("<name>Jacob Devlin</name>", "")]:
    try:
        parse_feed(bad)
    except ValueError as error:
        print(error)
# --8<-- [end:read]


# --8<-- [start:newest]
def age(paper: Paper) -> float:
    return float("inf") if paper.version is None else paper.version


def latest_only(papers: list[Paper]) -> list[Paper]:
    """同一编号只留版本最大的一条；没写版本的指最后一版，不会被旧版挤掉。"""
    best: dict[str, Paper] = {}
    for paper in papers:
        rival = best.setdefault(paper.base, paper)
        if age(paper) > age(rival):
            best[paper.base] = paper
    return list(best.values())


papers = latest_only(everything)
dropped = [f"{p.base}v{p.version}" for p in everything if p not in papers]
print(f"留下 {len(papers)} 篇；丢掉旧版：{'、'.join(dropped)}")
# --8<-- [end:newest]


# --8<-- [start:dates]
# 中国不用夏令时，固定的 +8 就够；zoneinfo 在有些系统上要另装时区数据
BEIJING = timezone(timedelta(hours=8))


def beijing(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


by_submitted = sorted(papers, key=lambda p: p.submitted, reverse=True)
by_revised = sorted(papers, key=lambda p: p.revised, reverse=True)
print("编号               版本  首次提交 (UTC)     北京时间")
for p in by_submitted:
    utc = p.submitted.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    print(f"{p.base:<18} v{p.version}   {utc}   {beijing(p.submitted)}")
print("按修订时间排第一的：", by_revised[0].base, beijing(by_revised[0].revised))
# --8<-- [end:dates]


# --8<-- [start:select]
def in_category(papers: list[Paper], category: str) -> list[Paper]:
    # 看全部类目，不只看主类目：交叉列出（cross-list）的论文才不会漏掉
    return [p for p in papers if category in p.categories]


def with_keyword(papers: list[Paper], word: str) -> list[Paper]:
    word = word.casefold()
    return [p for p in papers if word in f"{p.title} {p.summary}".casefold()]


def bases(papers: list[Paper]) -> str:
    return "、".join(p.base for p in papers)


print("cs.LG 出现在：", bases(in_category(by_submitted, "cs.LG")))
print("cs.LG 是主类目：", bases([p for p in by_submitted if p.primary == "cs.LG"]))
print("题目或摘要含 TRANSFORMER：", bases(with_keyword(papers, "TRANSFORMER")))
# --8<-- [end:select]


# --8<-- [start:bibtex]
def tex(text: str) -> str:
    # 题目里常有 $…$ 公式，公式里的 _ 照原样留着，只转义公式之外的
    parts = re.split(r"(\$[^$]+\$)", text)
    parts[::2] = [re.sub(r"(?<!\\)([&%$#_])", r"\\\1", p) for p in parts[::2]]
    return "".join(parts)


def year_of(paper: Paper) -> str:
    # 期刊栏里写了年份就用它：论文可能第二年才登出来
    written = re.findall(r"\b(?:19|20)\d{2}\b", paper.journal or "")
    return written[-1] if written else str(paper.submitted.year)


def cite_key(paper: Paper) -> str:
    family = re.sub(r"\W", "", paper.authors[0].split()[-1])
    words = [w for w in re.findall(r"[A-Za-z]+", paper.title) if len(w) > 3]
    return f"{family}{year_of(paper)}{words[0] if words else ''}".lower()


def bibtex(paper: Paper) -> str:
    number = paper.base if paper.version is None else f"{paper.base}v{paper.version}"
    fields = {
        "author": " and ".join(paper.authors),
        "title": "{" + tex(paper.title) + "}",  # 多一层花括号，大小写不被改掉
        "year": year_of(paper),
        "eprint": number,  # 带版本：读者看到的就是你读的那一版
        "archivePrefix": "arXiv",
        "primaryClass": paper.primary,
        "journal": tex(paper.journal or ""),
        "doi": paper.doi or "",
        "note": tex(paper.comment or ""),
        "url": f"https://arxiv.org/abs/{number}",
    }
    kind = "article" if paper.journal else "misc"
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{cite_key(paper)},\n" + ",\n".join(lines) + "\n}"


print(bibtex(by_submitted[-1]))
# --8<-- [end:bibtex]


# --8<-- [start:markdown]
def markdown(paper: Paper) -> str:
    first = paper.authors[0] + (" 等" if len(paper.authors) > 1 else "")
    title = re.sub(r"([\[\]])", r"\\\1", paper.title)  # 方括号会打断链接
    place = f"https://arxiv.org/abs/{paper.base}"
    day = beijing(paper.submitted)[:10]
    return f"- [ ] {day} [{title}]({place})，{first}。{paper.summary}"


def maybe_published(paper: Paper) -> bool:
    """作者的备注或期刊栏像是说「已在别处发表」：引用前去找正式版。"""
    hints = r"published|accepted|to appear|proceedings"
    return bool(paper.journal or re.search(hints, paper.comment or "", re.I))


print("\n".join(markdown(p) for p in by_submitted[:3]))
print("可能已正式发表：", bases([p for p in by_submitted if maybe_published(p)]))
# --8<-- [end:markdown]
