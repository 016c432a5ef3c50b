// Keys that a browser keeps for itself, and those of a phone's own keyboard.

const KEYS = {
	Ctrl: [0xffe3, 'ControlLeft'], Alt: [0xffe9, 'AltLeft'], Shift: [0xffe1, 'ShiftLeft'],
	Super: [0xffeb, 'MetaLeft'], Del: [0xffff, 'Delete'], Tab: [0xff09, 'Tab'],
	Esc: [0xff1b, 'Escape'], Backspace: [0xff08, 'Backspace'], Enter: [0xff0d, 'Enter'],
	Print: [0xff61, 'PrintScreen'], Menu: [0xff67, 'ContextMenu'],
};

function keyOf(name) {
	if (KEYS[name]) {
		return KEYS[name];
	}
	if (/^F\d+$/.test(name)) {
		return [0xffbd + Number(name.slice(1)), name];
	}
	if (/^\d$/.test(name)) {
		return [name.charCodeAt(0), `Digit${name}`];
	}
	return [name.toLowerCase().charCodeAt(0), `Key${name.toUpperCase()}`];
}

// "Ctrl+Alt+Del"
function press(rfb, combination) {
	const keys = combination.split('+').map(keyOf);
	for (const [keysym, code] of keys) {
		rfb.sendKey(keysym, code, true);
	}
	for (const [keysym, code] of keys.reverse()) {
		rfb.sendKey(keysym, code, false);
	}
}

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

// A guest's keyboard holds few keys, so a text is typed no faster than it takes them.
export async function typeText(rfb, text, gap = 0) {
	for (const character of text.replace(/\r\n?/g, '\n')) {
		const point = character.codePointAt(0);
		if (character === '\n') {
			rfb.sendKey(...KEYS.Enter);
		} else if (character === '\t') {
			rfb.sendKey(...KEYS.Tab);
		} else if (point >= 0x20) {
			const latin = point < 0x7f || (point >= 0xa0 && point <= 0xff);
			rfb.sendKey(latin ? point : 0x01000000 | point, null);
		}
		if (gap) {
			await pause(gap);
		}
	}
}

const BINDINGS = [
	['Next', 'Super+Tab'], ['Previous', 'Super+Shift+Tab'], ['Whole screen, and back', 'Super+F'],
	['All in a grid', 'Super+G'], ['Next output', 'Super+O'], ['Close', 'Super+Q'],
	['Give the pointer back', 'Super+Esc'],
];
const SEND = ['Ctrl+Alt+Del', 'Alt+Tab', 'Alt+F4', 'Ctrl+W', 'Ctrl+T', 'Esc', 'Tab', 'Print', 'Menu', 'Super'];
const HOLD = ['Ctrl', 'Alt', 'Shift', 'Super'];
const element = (id) => document.getElementById(id);

function button(text, className, action) {
	const made = document.createElement('button');
	made.type = 'button';
	made.className = className;
	made.textContent = text;
	// The focus stays with the screen.
	made.addEventListener('pointerdown', (event) => event.preventDefault());
	made.addEventListener('click', action);
	return made;
}

export class Keys {
	// `current` gives the RFB object, or null.
	constructor(current) {
		this.current = current;
		this.held = new Map(); // the name: its button
		const send = (combination) => () => {
			const rfb = this.current();
			if (rfb) {
				press(rfb, combination);
				this.release();
			}
		};
		for (let i = 1; i <= 9; i++) {
			const made = button(String(i), '', send(`Super+${i}`));
			made.title = `View ${i} (Super+${i})`;
			element('keys-views').append(made);
		}
		for (const [text, combination] of BINDINGS) {
			const made = button(text, '', send(combination));
			made.append(Object.assign(document.createElement('kbd'), { textContent: combination }));
			element('keys-bindings').append(made);
		}
		element('keys-send').append(...SEND.map((keys) => button(keys, 'chip', send(keys))));
		for (let i = 1; i <= 12; i++) {
			element('keys-functions').append(button(`F${i}`, '', send(`F${i}`)));
		}
		element('keys-hold').append(...HOLD.map((name) => this.holder(name)));
		this.prepareTyping();
	}

	holder(name) {
		const made = button(name, 'chip', () => this.hold(name, made));
		made.setAttribute('aria-pressed', 'false');
		return made;
	}

	hold(name, made) {
		const rfb = this.current();
		const down = !this.held.has(name);
		if (!rfb) {
			return;
		}
		rfb.sendKey(...keyOf(name), down);
		made.setAttribute('aria-pressed', String(down));
		if (down) {
			this.held.set(name, made);
		} else {
			this.held.delete(name);
		}
	}

	release() {
		for (const [name, made] of [...this.held]) {
			this.hold(name, made);
		}
	}

	forget() { // nothing is held any more: the connection is gone
		for (const made of this.held.values()) {
			made.setAttribute('aria-pressed', 'false');
		}
		this.held.clear();
	}

	// A phone's keyboard writes into a hidden field; what changes there is typed.
	prepareTyping() {
		const field = element('typing');
		let before = '';
		const reset = () => {
			before = field.value = '\u00b7'.repeat(40);
			field.setSelectionRange(40, 40);
		};
		field.addEventListener('focus', reset);
		field.addEventListener('input', (event) => {
			const rfb = this.current();
			const now = field.value;
			let same = 0;
			while (same < now.length && same < before.length && now[same] === before[same]) {
				same++;
			}
			if (rfb) {
				for (let i = same; i < before.length; i++) {
					rfb.sendKey(...KEYS.Backspace);
				}
				typeText(rfb, now.slice(same));
			}
			before = now;
			if (!event.isComposing && (now.length > 400 || now.length < 10)) {
				reset();
			}
		});
	}
}
