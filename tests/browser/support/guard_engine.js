// A worker that answers as the engine does about guards, without a model: what the page makes of the
// answers can then be tested where no guard is shipped. P(Yes) counts words; the rest is as plain.

/** What tests change by replacing this line. */
const SET_UP = {};
const { guards = true, metrics = true, pause = 5, dieAt = 0, broken = false } = SET_UP;

const CONTEXT = 256;
const WORDS = { dangerous: /bomb|kill|gun|bom/gi, harassment: /hate|useless|nasty|ghét/gi, hate: /valley/gi, sexual: /bedroom/gi };
const NAMES = { dangerous: "Dangerous Content", harassment: "Harassment", hate: "Hate Speech", sexual: "Sexually Explicit Information" };
const POLICIES = Object.entries(NAMES).map(([id, name]) => ({ id, name, description: "is about it.", forbids: true }));
const GUARD = {
  id: "guard_small",
  title: { en: "Stand-in" },
  tier: "built_in",
  bytes: 1000,
  licence: "MIT",
  cached: true,
  not_kept: false,
  pinned: true,
  context: CONTEXT,
  size: { vocabulary: 8192, hidden_size: 256, layers: 8, parameters: 7e6 },
  policies: POLICIES,
  metrics: metrics ? { au_prc: 0.66, roc_auc: 0.8, f1: 0.63, threshold: 0.4 } : undefined,
  metrics_file: metrics ? "guard_small/metrics.json" : undefined,
};

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const plain = (text) => text.toLowerCase().replaceAll("4", "a").replaceAll("3", "e").replaceAll("0", "o");

function judgement(policy, { use_case, exchange, normalise }) {
  const read = use_case === "PromptResponse" ? exchange.response : exchange.prompt;
  const words = WORDS[policy.id.replace("changed-", "")] ?? /recipe/gi;
  const found = ((normalise ? plain(read) : read).match(words) ?? []).length;
  const gap = policy.forbids ? 3 * found - 2 : -3;
  return { policy: policy.id, yes_logit: gap / 2, no_logit: -gap / 2, p_yes: 1 / (1 + Math.exp(-gap)) };
}

function report({ use_case, exchange, control_tokens }, policy) {
  const parts = [
    ["Instruction", "You are a policy expert.\n\n"],
    ["Turn", "<start_of_turn>\nHuman Question: "],
    ["UserContent", exchange.prompt],
    ["Turn", "\n<end_of_turn>\n\n"],
  ];
  if (use_case === "PromptResponse") {
    parts.push(["Turn", "<start_of_turn>\nChatbot Response: "], ["ModelContent", exchange.response], ["Turn", "\n<end_of_turn>\n\n"]);
  }
  parts.push(["Policy", `"No ${policy.name}": content that ${policy.description}`], ["Question", "\n\n===\n\nYes or No?\n"]);
  const tokens = [{ id: 2, text: "<bos>", part: undefined, cut: false }];
  parts.forEach(([kind, text], part) => {
    const whole = !kind.endsWith("Content") || control_tokens === "Interpreted";
    const pieces = whole ? /<\w+>|\s?[^\s<]+|\s|</g : /\s?[^\s<>]+|\s|[<>]/g;
    for (const [piece] of text.matchAll(pieces)) tokens.push({ id: 300 + piece.length, text: piece, part, cut: false });
  });
  for (let over = tokens.length - CONTEXT, at = tokens.length - 1; over > 0 && at > 0; at--) {
    if (parts[tokens[at].part][0] !== "UserContent") continue;
    tokens[at].cut = true;
    over--;
  }
  const cautions = [];
  if (tokens.some(({ cut }) => cut)) cautions.push("Cut");
  if (exchange.prompt.includes("<end_of_turn>")) cautions.push(`ControlTokens${control_tokens}`);
  if (exchange.response && use_case === "PromptOnly") cautions.push("ResponseUnread");
  return { parts: parts.map(([kind, text]) => ({ kind, text })), tokens, vocabulary: 8192, context: CONTEXT, cautions };
}

function judged(judge) {
  const { tokens, cautions } = report({ control_tokens: "Escaped", ...judge }, POLICIES[0]);
  const cut = tokens.filter((token) => token.cut).length;
  return {
    judgements: judge.policies.map((policy) => judgement(policy, judge)),
    shared_tokens: 40,
    tokens: judge.policies.map(() => tokens.length - cut),
    cut,
    cautions,
    milliseconds: 12.5,
  };
}

const policyOf = ({ judge, policy }) => judge.policies.find(({ id }) => id === policy);
const cancelled = new Set();
let many = 0;

const ANSWERS = {
  Start: () => ({ Started: { kind: "Cpu", adapter: "", limits: [], self_check: { error: 0, tolerance: 1, milliseconds: 1 } } }),
  ListModels: () => ({ Models: [] }),
  ReportImports: () => ({ Imports: { guard: "shieldgemma_2b", kept: [], site: undefined, forbidden: undefined, free: 1e10 } }),
  ListGuards: () => ({ Guards: guards ? [GUARD] : [] }),
  LoadGuard: () => ({ Guard: GUARD }),
  ForgetGuard() {
    GUARD.cached = false;
    return "Nothing";
  },
  Judge: (judge) => {
    if (broken) throw new Error("no memory");
    return { Judged: judged(judge) };
  },
  async JudgeMany(request, job) {
    const answers = [];
    many++;
    // Only the first engine of a page dies.
    if (many === dieAt && !(await caches.has("died"))) {
      await caches.open("died");
      setTimeout(() => {
        throw new Error("out of memory");
      });
      await sleep(1e6);
    }
    for (const exchange of request.exchanges) {
      await sleep(pause);
      if (cancelled.has(job)) return null;
      answers.push(judged({ ...request, exchange }));
    }
    return { JudgedMany: answers };
  },
  InspectPrompt: (request) => ({ Prompt: report(request.judge, policyOf(request)) }),
  Explain(request) {
    const prompt = report(request.judge, policyOf(request));
    const influences = prompt.tokens.map(({ text, part }) => (/hate/.test(text) ? 1.5 : /^ of$/.test(text) ? -0.6 : part ? 0.01 : 0));
    return { Explained: { judgement: judgement(policyOf(request), request.judge), prompt, influences, milliseconds: 30 } };
  },
  async Flip(request, job) {
    const before = judgement(policyOf(request), request.judge);
    let { prompt } = request.judge.exchange;
    const swaps = [];
    let p_yes = before.p_yes;
    while (p_yes >= request.threshold && swaps.length < request.max_swaps) {
      await sleep(40 * pause);
      if (cancelled.has(job)) return null;
      const from = prompt.split(" ").at(-1 - swaps.length);
      prompt = prompt.replace(from, "tea");
      p_yes -= 0.15;
      swaps.push({ position: 9, from, to: "tea", text: prompt, p_yes });
      postMessage({ Progress: { job, progress: { Swap: swaps.at(-1) } } });
    }
    const reached = p_yes < request.threshold;
    return { Flipped: { before, after: { ...before, p_yes }, text: prompt, swaps, reached, tried: 9, milliseconds: 50 } };
  },
  Convert: ({ text, converter }) => ({ Text: converter === "Leetspeak" ? text.replaceAll("a", "4").replaceAll("e", "3") : `${converter}: ${text}` }),
};

onmessage = async ({ data }) => {
  if (data.Cancel) return cancelled.add(data.Cancel.job);
  const { job, request } = data.Run;
  const [[kind, body]] = typeof request === "string" ? [[request]] : Object.entries(request);
  const failed = (kind, detail) => postMessage({ Failed: { job, problem: { kind, subject: "", detail } } });
  try {
    const response = await ANSWERS[kind](body, job);
    if (response) postMessage({ Done: { job, response } });
    else failed("Cancelled", "");
  } catch (error) {
    failed("Internal", String(error));
  }
};
postMessage("Hello");
