// The words around every page, and where there is nothing to show.
import type { Same } from "./same.ts";

const en = {
  frame: {
    skip: "Skip to content",
    nav: "Main",
    overview: "Overview",
    incidents: "Incidents",
    runs: "Runs",
    quarantine: "Quarantine",
    switch: "Switch",
    drift: "Drift",
    api: "API",
    program: "admin token",
    log_out: "Log out",
    zone: (zone: string, offset: string) => `Times are in ${zone} (UTC${offset})`,
    lost: "Not connected: what you see may be out of date.",
    reload: "Reload",
  },
  text: {
    whole: (characters: number) => `Show all ${characters} characters`,
    too_long: (characters: number) => `Only the first ${characters} characters are shown; the API has the whole.`,
    nothing: "Nothing here.",
    first_page: "First page",
    next_page: "Next page",
    pages: "Pages",
    unnamed: "(no title)",
    unreadable: "This release cannot read the current event. Its body is kept as received.",
    everything: "everything",
  },
  problem: {
    404: "Not found",
    400: "Wrong request",
    409: "Not possible",
    other: "It did not work",
    home: "To the overview",
  },
};

const zh: Same<typeof en> = {
  frame: {
    skip: "跳到正文",
    nav: "主导航",
    overview: "总览",
    incidents: "故障",
    runs: "执行",
    quarantine: "隔离区",
    switch: "开关",
    drift: "变化",
    api: "API",
    program: "管理令牌",
    log_out: "退出",
    zone: (zone, offset) => `时间按 ${zone}（UTC${offset}）显示`,
    lost: "连接已断开：当前内容可能不是最新的。",
    reload: "重新加载",
  },
  text: {
    whole: (characters) => `展开全部 ${characters} 个字符`,
    too_long: (characters) => `仅显示前 ${characters} 个字符，全文请通过 API 获取。`,
    nothing: "暂无内容。",
    first_page: "首页",
    next_page: "下一页",
    pages: "分页",
    unnamed: "（无标题）",
    unreadable: "当前版本无法读取最新事件，其请求体已原样保留。",
    everything: "全部",
  },
  problem: { 404: "未找到", 400: "请求有误", 409: "无法执行", other: "未能完成", home: "返回总览" },
};

export const frame = { en, zh };
