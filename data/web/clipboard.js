// The screen's clipboard, and the browser's where it allows it.

import { typeText } from '/keys.js';

const AUTO = 'mullion-clipboard';
const MAX = 64 * 1024; // characters; more isn't taken there
const TYPING_GAP = 30; // ms
const element = (id) => document.getElementById(id);

export class Clipboard {
	// `current` gives the RFB object, or null.
	constructor(current) {
		this.current = current;
		this.text = element('clipboard-text');
		this.auto = element('clipboard-auto');
		this.last = null; // what both have
		this.able = Boolean(navigator.clipboard && navigator.clipboard.readText);
		element('clipboard-auto-field').hidden = !this.able;
		element('clipboard-hint').textContent = this.able ? ''
			: 'This browser keeps its clipboard to itself here.';
		this.auto.checked = this.able && localStorage.getItem(AUTO) === 'yes';
		this.auto.addEventListener('change', () => this.setAuto());
		element('clipboard-send').addEventListener('click', () => this.send(this.text.value));
		element('clipboard-type').addEventListener('click', () => {
			const rfb = this.current();
			if (rfb) {
				typeText(rfb, this.text.value, TYPING_GAP);
				rfb.focus();
			}
		});
		element('clipboard-copy').addEventListener('click', () => this.copy());
		window.addEventListener('focus', () => this.fetch());
	}

	async setAuto() {
		localStorage.setItem(AUTO, this.auto.checked ? 'yes' : 'no');
		if (this.auto.checked && !await this.fetch()) {
			element('clipboard-hint').textContent = 'The browser did not allow it.';
			this.auto.checked = false;
		}
	}

	send(text) {
		const rfb = this.current();
		if (rfb) {
			this.last = text = text.slice(0, MAX);
			rfb.clipboardPasteFrom(text);
			element('clipboard-hint').textContent = 'It can be pasted there now.';
		}
	}

	async copy() {
		this.text.select();
		try {
			await navigator.clipboard.writeText(this.text.value);
		} catch {
			document.execCommand('copy');
		}
		element('clipboard-hint').textContent = 'Copied.';
	}

	// From the screen.
	async receive(text) {
		this.text.value = this.last = text;
		element('clipboard-hint').textContent = '';
		if (this.auto.checked && document.hasFocus()) {
			await navigator.clipboard.writeText(text).catch(() => {});
		}
	}

	// From the browser; false if it doesn't allow that.
	async fetch() {
		if (!this.auto.checked || !this.current() || this.current().viewOnly) {
			return true;
		}
		try {
			const text = await navigator.clipboard.readText();
			if (text && text !== this.last) {
				this.text.value = text;
				this.send(text);
			}
			return true;
		} catch {
			return false;
		}
	}
}
