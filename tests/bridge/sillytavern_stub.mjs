// What our extension needs of SillyTavern, as its interface is documented; no browser, no page.
// Tells its chat on standard output whenever it is saved; takes {"typed": …} on standard input.

import { createInterface } from 'node:readline';

const [, , extension, saved] = process.argv;
const listeners = new Map();
const elements = new Map();
const tell = (state) => process.stdout.write(`${JSON.stringify(state)}\n`);

const stub = {
    name1: 'Ann',
    chat: [{ name: 'Bird', is_user: false, mes: 'Hello.' }],
    extensionSettings: { mynah_ring: JSON.parse(saved) },
    prompts: {},
    stopped: false,
    eventTypes: Object.fromEntries(
        ['STREAM_TOKEN_RECEIVED', 'GENERATION_STARTED', 'GENERATION_ENDED', 'GENERATION_STOPPED', 'MESSAGE_RECEIVED']
            .map((name) => [name, name.toLowerCase()])),
    eventSource: {
        on: (name, listener) => listeners.set(name, [...(listeners.get(name) ?? []), listener]),
        emit: async (name, ...given) => { for (const each of listeners.get(name) ?? []) await each(...given); },
    },
    addOneMessage: () => {},
    updateMessageBlock: () => {},
    deleteLastMessage: async () => { stub.chat.pop(); await stub.saveChat(); },
    saveSettingsDebounced: () => {},
    setExtensionPrompt: (key, value, position, depth) => { stub.prompts[key] = { value, position, depth }; },
    saveChat: async () => tell({ chat: stub.chat.map(({ mes, is_user }) => [is_user, mes]) }),
    renderExtensionTemplateAsync: async (folder, name) => { tell({ template: [folder, name] }); return ''; },
    stopGeneration: () => {
        stub.stopped = true;
        stub.eventSource.emit('generation_stopped');
        return true;
    },
    generate,
};

// Answers word by word: "You said: …"; "wait" hangs until it is stopped, "fail" fails.
async function generate(type, options = {}, dryRun = false) {
    await stub.eventSource.emit('generation_started', type, options, dryRun);
    tell({ generating: { automatic: options.automatic_trigger === true, prompt: stub.prompts.mynah_ring } });
    stub.stopped = false;
    const said = stub.chat.at(-1).mes;
    if (said === 'fail') throw new Error('no API is connected');
    const streams = said !== 'all at once';
    let text = '';
    const message = { name: 'Bird', is_user: false, mes: '' };
    for (const word of `You said: ${said}`.split(' ')) {
        text += text ? ` ${word}` : word;
        if (streams) await stub.eventSource.emit('stream_token_received', text);
        await new Promise(setImmediate);
        if (stub.stopped) break;
    }
    message.mes = text;
    stub.chat.push(message);
    while (said === 'wait' && !stub.stopped) await new Promise((done) => { setTimeout(done, 5); });
    await stub.eventSource.emit('generation_ended', stub.chat.length);
    if (!stub.stopped) await stub.eventSource.emit('message_received', stub.chat.length - 1);
}

function element(id) {
    if (!elements.has(id)) {
        elements.set(id, {
            id,
            set textContent(text) { tell({ [id]: text }); },
            getAttribute: () => (id === 'expression-image' ? '/characters/Bird/joy.png' : null),
            addEventListener: () => {},
            insertAdjacentHTML: () => {},
        });
    }
    return elements.get(id);
}

globalThis.SillyTavern = { getContext: () => stub };
globalThis.document = { getElementById: element };

createInterface({ input: process.stdin }).on('line', async (line) => {
    stub.chat.push({ name: 'Ann', is_user: true, mes: JSON.parse(line).typed });
    await generate(undefined);
}).on('close', () => process.exit(0));

await import(extension);
