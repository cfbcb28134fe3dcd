// The style sheet of all pages: system fonts, light and dark as the viewer's system is, a phone's width without scrolling
// sideways. Colours are named for what they tell; each pair holds 4.5 : 1, and none tells anything alone.
import { CHART_STYLE } from "./chart/style.ts";

const COLOURS = `
:root{color-scheme:light dark;
--ground:#fff;--raised:#f6f8fa;--ink:#1f2328;--faint:#59636e;--line:#d1d9e0;--edge:#818b98;--link:#0b57b7;--main:#0b57b7;--on-main:#fff;
--good:#1a7f37;--bad:#c62828;--warn:#9a6700;--ask:#8250df;--go:#0b62c4;--quiet:#59636e;
--good-soft:#d3f2dc;--bad-soft:#ffe0dd;--warn-soft:#fff0c2;--ask-soft:#efe4ff;--go-soft:#dcecff;--quiet-soft:#e9edf1}
@media (prefers-color-scheme:dark){:root{
--ground:#0d1117;--raised:#161b22;--ink:#e6edf3;--faint:#9aa4af;--line:#30363d;--edge:#6e7681;--link:#6cb6ff;--main:#1f6feb;--on-main:#fff;
--good:#4ac26b;--bad:#ff7b72;--warn:#e3b341;--ask:#c297ff;--go:#6cb6ff;--quiet:#9aa4af;
--good-soft:#16402a;--bad-soft:#5a1e1b;--warn-soft:#4a3a0a;--ask-soft:#3c2a5e;--go-soft:#12365f;--quiet-soft:#2d333b}}
.good{--tone:var(--good);--soft:var(--good-soft)}.bad{--tone:var(--bad);--soft:var(--bad-soft)}
.warn{--tone:var(--warn);--soft:var(--warn-soft)}.ask{--tone:var(--ask);--soft:var(--ask-soft)}
.go{--tone:var(--go);--soft:var(--go-soft)}.quiet{--tone:var(--quiet);--soft:var(--quiet-soft)}
`;

const DOCUMENT = `
*{box-sizing:border-box}
html{font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);overflow-wrap:anywhere}
header,main,footer{max-width:96rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;flex-wrap:wrap;gap:0 1rem;justify-content:space-between;align-items:center;border-bottom:1px solid var(--line)}
header ul{display:flex;flex-wrap:wrap;list-style:none;margin:0 0 0 -.6rem;padding:0}
header nav a{display:flex;align-items:center;min-height:2.9rem;padding:0 .6rem;color:var(--ink);text-decoration:none;border-bottom:3px solid transparent}
header nav a:hover{border-color:var(--line)}
header nav a[aria-current]{border-color:var(--main);font-weight:600}
.self{display:flex;align-items:center;gap:.6rem;margin:0;color:var(--faint)}
.self bdi{max-width:14rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
footer{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;justify-content:space-between;margin-top:3rem;padding-top:1rem;padding-bottom:1rem;color:var(--faint);font-size:.8125rem;border-top:1px solid var(--line)}
main:focus{outline:none}
h1{font-size:1.4rem;line-height:1.25;margin:1.1rem 0 .6rem}
h2{font-size:1.05rem;margin:1.9rem 0 .5rem}
h3{font-size:.95rem;margin:1rem 0 .3rem}
p{margin:.5rem 0}
a{color:var(--link);text-underline-offset:2px}
:focus-visible{outline:3px solid var(--go);outline-offset:2px;border-radius:2px}
small,.hint,.none{color:var(--faint);font-size:.8125rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.8125rem}
pre.prose{font:inherit}
pre{margin:.35rem 0;white-space:pre-wrap;unicode-bidi:isolate}
pre.tall{max-height:32rem;overflow:auto}
td pre,dd pre,.notice pre{margin:0}td pre.tall,dd pre.tall,.notice pre.tall{max-height:14rem}
details>summary{cursor:pointer;color:var(--link);padding:.3rem 0;width:fit-content}
.skip{position:absolute;left:-99rem;top:0;padding:.6rem 1rem;background:var(--ground);z-index:2}
.skip:focus{left:0}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.lost:not(:empty){position:sticky;top:0;z-index:1;margin:0;padding:.7rem 1.25rem;background:var(--bad-soft);border-bottom:2px solid var(--bad);font-weight:600}
.id{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.8125rem}
.short{white-space:nowrap}
.signed{display:inline-flex;gap:.35rem;align-items:center}
.number{color:var(--faint)}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;

const PIECES = `
.badge{display:inline-flex;align-items:center;gap:.3rem;padding:.05rem .5rem;border-radius:1rem;background:var(--soft);color:var(--ink);font-size:.8125rem;font-weight:600;max-width:100%;white-space:nowrap}
.badge bdi{max-width:10rem;overflow:hidden;text-overflow:ellipsis}
.notice{padding:.55rem .85rem;border:1px solid var(--line);border-left:4px solid var(--tone,var(--edge));background:var(--soft,var(--raised));border-radius:4px}
ul.notice.plain{padding:.55rem .85rem;margin:.5rem 0}
.notice p:first-child,.notice ul:last-child{margin-top:0}.notice p:last-child,.notice ul:last-child{margin-bottom:0}
.line h3{margin:0}
.buttons{white-space:nowrap}
.line,.buttons{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
button,.button,input,select{font:inherit;color:inherit;min-height:2.2rem;border-radius:6px;border:1px solid var(--edge);background:var(--ground)}
button,.button{display:inline-flex;align-items:center;padding:.15rem .8rem;background:var(--raised);text-decoration:none;cursor:pointer;font-weight:600}
button:hover,.button:hover{border-color:var(--ink)}
button.main,.button.main,.login button{background:var(--main);border-color:var(--main);color:var(--on-main)}
button.quiet{background:none;font-weight:400}
input,select{padding:.15rem .6rem;width:100%}
input::placeholder{color:var(--faint);opacity:1}
form label{display:block;color:var(--faint);font-size:.8125rem}
form label input,form label select{display:block;margin-top:.2rem;color:var(--ink);font-size:1rem}
.filters{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;margin:.8rem 0}
.filters label{flex:1 1 9rem;max-width:14rem}.filters .wide{flex:3 1 16rem;max-width:34rem}
.confirm,.login{max-width:34rem;display:grid;gap:1rem;margin:1.4rem 0}
.login p{margin:0}.login button{justify-content:center}
.check{display:flex;gap:.7rem;align-items:start;color:var(--ink);font-size:1rem}
.check input{width:1.4rem;min-height:1.4rem;flex:none;margin:.1rem 0}
.check small{display:block}
.will{font-size:1.05rem}
.error{padding:.55rem .85rem;border-left:4px solid var(--bad);background:var(--bad-soft);border-radius:4px}
.labels,.plain{list-style:none;margin:0;padding:0}
.labels{display:flex;flex-wrap:wrap;gap:.3rem}
.labels li{padding:.05rem .45rem;background:var(--quiet-soft);border-radius:4px;font-size:.8125rem}
.pager{display:flex;gap:.5rem;margin:1rem 0}
article{border:1px solid var(--line);border-radius:6px;padding:.3rem .9rem .6rem;margin:.6rem 0}
article:target,tr:target{background:var(--go-soft)}
`;

const LISTS = `
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:.5rem 1.5rem;margin:.8rem 0}
.facts dt,.remedies dt{color:var(--faint);font-size:.8125rem}
.facts dd,.remedies dd{margin:0}
.remedies>div{margin:.6rem 0;max-width:60rem}.remedies dt{font-weight:600;color:var(--ink)}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:start;vertical-align:top;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line)}
thead th{color:var(--faint);font-size:.8125rem;font-weight:600;white-space:nowrap}
tbody th{font-weight:500;min-width:9rem}
td{min-width:6rem}td.figures{min-width:0}
.figures{font-variant-numeric:tabular-nums;white-space:nowrap}
tbody tr:hover{background:var(--raised)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,34rem),1fr));gap:1rem 2rem}
`;

/** Below this a table's rows are cards, and what is touched has room for a finger. */
const NARROW = "62rem";
/** Below this it does without what is minor. */
const MIDDLE = "71rem";

const PHONE = `
@media (max-width:${MIDDLE}){.minor{display:none}}
@media (max-width:${NARROW}){
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,th[scope=row],td{display:block}
tbody tr{border:1px solid var(--line);border-radius:6px;padding:.4rem .8rem;margin:.6rem 0}
th,td{border:0;padding:.15rem 0}
td{display:grid;grid-template-columns:8rem minmax(0,1fr);gap:.5rem;align-items:start}
td.minor,td.empty{display:none}
.figures{white-space:normal}
td::before{content:attr(data-head);color:var(--faint);font-size:.8125rem}
td>*{justify-self:start}
}
@media (max-width:${NARROW}),(pointer:coarse){
button,.button,input,select{min-height:44px}
main a:not(.chart a),.self a,.skip{display:inline-flex;align-items:center;min-height:44px}
details>summary{padding:.8rem 0}
.self .quiet{padding:0 .5rem}
}
@media (max-width:40rem){header,main,footer{padding-left:.9rem;padding-right:.9rem}td{grid-template-columns:6.5rem minmax(0,1fr)}}
`;

export const style = COLOURS + CHART_STYLE + DOCUMENT + PIECES + LISTS + PHONE;
