// A page that was opened from disk (file:): browsers then load no module and no index.
// It says so, and its links lead to pages, not to lists of files.

const WHY =
  "这一页是从磁盘直接打开的。文字、公式、图、代码与链接都在；" +
  "全站搜索、会议日历与会议地图的筛选、计算器等小工具，浏览器只许经由服务器使用。" +
  "在本书的目录里运行 make serve，或在这个网站的文件夹里运行 python -m http.server 8000，" +
  "再打开 http://127.0.0.1:8000 。";
const HERE = "这里的筛选与操作要经由服务器才能用，见页首的说明。";

/** A paragraph of Material's kind of note. */
function note(words) {
  const box = document.createElement("div");
  box.className = "admonition warning hb-from-disk";
  const text = document.createElement("p");
  text.textContent = words;
  box.append(text);
  return box;
}

function say() {
  const article = document.querySelector("article");
  article?.querySelector("h1")?.after(note(WHY));
  for (const element of article?.querySelectorAll("*") ?? []) {
    const isWidget = element.localName.includes("-") && !element.closest("svg");
    if (isWidget) element.prepend(note(HERE));
  }
}
if (document.readyState === "loading") addEventListener("DOMContentLoaded", say);
else say();

/** An address that ends in a folder leads to the page in it. */
function whole(event) {
  const link = event.target.closest?.("a[href]");
  if (link?.protocol === "file:" && link.pathname.endsWith("/")) {
    link.pathname += "index.html";
  }
}
addEventListener("click", whole, true);
addEventListener("auxclick", whole, true);
