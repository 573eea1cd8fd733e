// SPDX-License-Identifier: Apache-2.0
// The ring talks with whoever is on this screen. What is said on the wire: mynah/serving/tabs.py.

const KEY = 'mynah_ring';
const PROMPT = 'mynah_ring';
const IN_CHAT = 1; // SillyTavern's place for a prompt at a depth of the chat
const DEPTH = 1;
const RETRY_MS = [500, 1000, 2000, 5000];
const BUSY_MS = 30000; // what is generated longer than that has most likely ended untold
const SETTLE_MS = 1000; // after a generation that left no message
const REPLACED = 4001; // the bridge says so when another tab has come
const DEFAULTS = { port: '8355', token: '', speak: false, answer: false };

const context = () => SillyTavern.getContext();

let socket = null;
let failures = 0;
let asked = null; // the answer in hand: { id, sent, own }
let turn = Promise.resolve(); // one thing after another
const messages = new Map(); // which message an answer became, by its id
const asks = new Map(); // and which message it answers
const given = new Set(); // ids of what was stopped before it was begun
const KEPT = 8; // of each: more is never asked about
let own = 0;
let idle = Promise.resolve(); // SillyTavern generates one answer at a time, whoever asked
let free = () => {};

function settings() {
    const { extensionSettings } = context();
    extensionSettings[KEY] = { ...DEFAULTS, ...extensionSettings[KEY] };
    return extensionSettings[KEY];
}

function say(message) {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function show(text) {
    const status = document.getElementById('mynah_status');
    if (status) status.textContent = text;
}

function connect() {
    const { port, token } = settings();
    if (socket) socket.onclose = null;
    socket?.close();
    socket = null;
    if (!/^\d{1,5}$/.test(port) || !/^[0-9a-f]{64}$/.test(token)) {
        show('port and token are needed; `mynah serve` tells where the token lies');
        return;
    }
    const fresh = new WebSocket(`ws://127.0.0.1:${port}/ring`, ['mynah', `token.${token}`]);
    fresh.onopen = () => { failures = 0; show('connected'); };
    fresh.onmessage = (event) => take(JSON.parse(event.data));
    fresh.onclose = ({ code }) => {
        if (code === REPLACED) {
            show('another tab talks with the ring now');
            return;
        }
        show('not connected; is `mynah run` on, with serving.port set?');
        const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
        failures += 1;
        setTimeout(() => { if (socket === fresh) connect(); }, wait);
    };
    socket = fresh;
}

function take(message) {
    switch (message.op) {
        case 'user': // a stop may come while it waits, or while it answers
            turn = turn.then(() => user(message)).catch((error) => console.error('Mynah', error));
            break;
        case 'stop':
            turn = stop(message, turn).catch((error) => console.error('Mynah', error));
            break;
        case 'event':
            touched(message);
            break;
    }
}

// The wearer said something: it is put into the chat as if it were typed, and answered.
async function user({ id, text, ring, replaces }) {
    await rested();
    if (given.delete(id)) return;
    await withdraw(replaces);
    const { chat, name1, addOneMessage, saveChat } = context();
    setRingLine(ring);
    const message = { name: name1, is_user: true, is_system: false, send_date: Date.now(), mes: text, extra: {} };
    chat.push(message);
    keep(asks, id, message);
    addOneMessage(message);
    await saveChat();
    await answered(id);
}

// The wearer went on: what they say now begins with what they had said, which was never answered.
async function withdraw(id) {
    const { chat, deleteLastMessage } = context();
    const theirs = [asks.get(id), messages.get(id)];
    while (deleteLastMessage && theirs.includes(chat[chat.length - 1])) await deleteLastMessage();
}

function keep(map, id, message) {
    map.set(id, message);
    if (map.size > KEPT) map.delete(map.keys().next().value);
}

function rested() {
    return Promise.race([idle, new Promise((done) => { setTimeout(done, BUSY_MS); })]);
}

// Generates without what stands in the text area: the wearer has not sent that.
async function answered(id) {
    const { chat, generate } = context();
    const before = chat.length;
    asked = { id, sent: '', own: false };
    const mine = asked;
    try {
        await generate('normal', { automatic_trigger: true });
        if (mine.stopped) return;
        finish(mine, before);
    } catch (error) {
        say({ id, error: String(error?.message ?? error) });
    } finally {
        if (chat.length > before) keep(messages, id, chat[chat.length - 1]);
        if (asked === mine) asked = null;
        setRingLine('');
    }
}

// What was not streamed; then the mood it was said in, and that it is over.
function finish(mine, before) {
    const { chat } = context();
    const last = chat[chat.length - 1];
    if (chat.length <= before || !last || last.is_user) {
        say({ id: mine.id, error: 'nothing was generated; look at the API in SillyTavern' });
        return;
    }
    keep(messages, mine.id, last);
    if (last.mes.startsWith(mine.sent)) stream(mine, last.mes);
    const mood = expression();
    if (mood) say({ id: mine.id, emotion: mood });
    say({ id: mine.id, end: true });
}

// SillyTavern tells all of the text so far, each time.
function stream(mine, whole) {
    const delta = whole.slice(mine.sent.length);
    if (!delta || !whole.startsWith(mine.sent)) return;
    mine.sent = whole;
    say({ id: mine.id, delta });
}

// The picture that is shown is named after its expression.
function expression() {
    const source = document.getElementById('expression-image')?.getAttribute('src') ?? '';
    const name = source.split('/').pop().split('.')[0].toLowerCase();
    return /^[a-z]{2,20}$/.test(name) ? name : '';
}

// Enough. Of the answer only what was heard has been said.
async function stop({ id, heard }, before) {
    if (asked?.id === id && asked.own) {
        asked = null; // what was typed here goes on, unheard
    } else if (asked?.id === id) {
        asked.stopped = true;
        context().stopGeneration();
    } else if (!asks.has(id) && !messages.has(id)) {
        given.add(id);
    }
    await before;
    given.delete(id);
    const message = messages.get(id);
    const { chat, updateMessageBlock, saveChat, deleteLastMessage } = context();
    const at = chat.indexOf(message);
    if (typeof heard !== 'string' || at < 0) return;
    if (!heard && at === chat.length - 1 && deleteLastMessage) {
        await deleteLastMessage();
        return;
    }
    message.mes = heard;
    if (Array.isArray(message.swipes)) message.swipes[message.swipe_id ?? 0] = heard;
    updateMessageBlock?.(at, message);
    await saveChat();
}

function touched({ line }) {
    setRingLine(line);
    if (!settings().answer || asked) return;
    own += 1;
    const id = `s${own}`;
    say({ id, begin: true });
    turn = turn.then(rested).then(() => answered(id)).catch((error) => console.error('Mynah', error));
}

function setRingLine(line) {
    context().setExtensionPrompt(PROMPT, line ?? '', IN_CHAT, DEPTH);
}

// What is typed here is answered through the ring as well, if that is wished.
function began(type, _options, dryRun) {
    if (!asked && !dryRun && type !== 'quiet') idle = new Promise((done) => { free = done; });
    if (asked || dryRun || !(type === undefined || type === 'normal') || !settings().speak) return;
    own += 1;
    asked = { id: `s${own}`, sent: '', own: true };
    say({ id: asked.id, begin: true });
}

function over() {
    free();
    const mine = asked;
    setTimeout(() => ended(mine), SETTLE_MS);
}

function received(at) {
    const message = context().chat[at];
    if (!asked?.own || !message || message.is_user) return;
    keep(messages, asked.id, message);
    stream(asked, message.mes);
    ended(asked);
}

function ended(mine) {
    if (!mine?.own || asked !== mine) return;
    asked = null;
    say({ id: mine.id, end: true });
}

async function begin() {
    const { eventSource, eventTypes, saveSettingsDebounced, renderExtensionTemplateAsync } = context();
    const folder = decodeURI(new URL('.', import.meta.url).pathname).split('/extensions/').pop().replace(/\/$/, '');
    const html = await renderExtensionTemplateAsync(folder, 'settings');
    document.getElementById('extensions_settings2')?.insertAdjacentHTML('beforeend', html);
    for (const name of Object.keys(DEFAULTS)) {
        const input = document.getElementById(`mynah_${name}`);
        const field = typeof DEFAULTS[name] === 'boolean' ? 'checked' : 'value';
        if (!input) continue;
        input[field] = settings()[name];
        input.addEventListener('input', () => { settings()[name] = input[field]; saveSettingsDebounced(); });
    }
    document.getElementById('mynah_connect')?.addEventListener('click', connect);
    eventSource.on(eventTypes.STREAM_TOKEN_RECEIVED, (text) => { if (asked && !asked.stopped) stream(asked, text); });
    eventSource.on(eventTypes.GENERATION_STARTED, began);
    eventSource.on(eventTypes.MESSAGE_RECEIVED, received);
    eventSource.on(eventTypes.GENERATION_STOPPED, over);
    eventSource.on(eventTypes.GENERATION_ENDED, over);
    connect();
}

await begin();
