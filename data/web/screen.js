// One screen: noVNC's RFB object, and another one whenever the connection is lost.

import * as api from '/api.js';
import { Clipboard } from '/clipboard.js';
import { Keys } from '/keys.js';

const DELAYS = [1, 1, 2, 3, 5, 8, 10]; // s; the last one for ever
const CONNECT_TIMEOUT = 15000; // ms
const element = (id) => document.getElementById(id);

const remember = (name, value) => localStorage.setItem(`mullion-${name}`, value);
const recall = (name, value) => localStorage.getItem(`mullion-${name}`) || value;

export class Screen {
	// `left(message, status)`: it can't go on.
	constructor(left) {
		this.left = left;
		this.rfb = null; // while connected, or about to be
		this.target = null; // null: not shown
		this.attempt = 0;
		this.timer = null;
		const current = () => (this.connected ? this.rfb : null);
		this.keys = new Keys(current);
		this.clipboard = new Clipboard(current);
		for (const input of document.querySelectorAll('#panel-view input')) {
			input.checked = input.value === recall(input.name, input.name === 'size' ? 'fit' : '6');
			input.addEventListener('change', () => {
				remember(input.name, input.value);
				this.applyView();
			});
		}
		window.addEventListener('online', () => this.target && !this.rfb && this.connect());
	}

	// `rights`: { viewOnly, resize }
	open(target, rights, novnc) {
		this.close();
		Object.assign(this, { target, rights, novnc, attempt: 0 });
		element('bar-title').textContent = target.title;
		element('bar-dot').style.background = /^#[0-9a-f]{6}$/i.test(target.label || '') ? target.label : '';
		element('bar-view-only').hidden = !rights.viewOnly;
		element('keys-desktop').hidden = target.kind === 'guest';
		element('view-match').hidden = !rights.resize;
		for (const tool of document.querySelectorAll('[data-control]')) {
			tool.disabled = rights.viewOnly;
		}
		this.connect();
	}

	close() {
		this.target = null;
		clearTimeout(this.timer);
		this.drop();
		element('lost').hidden = element('ghost').hidden = true;
	}

	drop() {
		const rfb = this.rfb;
		this.rfb = null;
		this.connected = false;
		this.keys.forget();
		if (rfb) {
			rfb.disconnect();
		}
	}

	say(state, warn) {
		const pill = element('bar-state');
		pill.textContent = state;
		pill.classList.toggle('warn', Boolean(warn));
	}

	async connect() {
		const target = this.target;
		clearTimeout(this.timer);
		this.drop();
		this.say(this.attempt ? 'Connecting again' : 'Connecting', this.attempt);
		if (this.attempt) {
			this.showLost('Connecting again', 'One moment.', true);
		}
		try {
			const { default: RFB } = await import(this.novnc);
			const token = await api.token(target.target);
			if (this.target === target && !this.rfb) {
				this.start(RFB, token);
			}
		} catch (failure) {
			if (this.target === target) {
				this.fail(failure);
			}
		}
	}

	start(RFB, token) {
		const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
		const socket = new WebSocket(`${scheme}//${location.host}/rfb?token=${token}`);
		const rfb = new RFB(element('stage'), socket, { shared: true });
		const timeout = setTimeout(() => this.rfb === rfb && !this.connected && rfb.disconnect(),
			CONNECT_TIMEOUT);
		this.rfb = rfb;
		this.reason = '';
		rfb.viewOnly = this.rights.viewOnly;
		rfb.background = 'transparent';
		rfb.showDotCursor = true;
		this.applyView();
		rfb.addEventListener('connect', () => this.rfb === rfb && this.arrive());
		rfb.addEventListener('securityfailure', (event) => {
			this.reason = event.detail.reason || '';
		});
		rfb.addEventListener('disconnect', () => {
			clearTimeout(timeout);
			if (this.rfb === rfb) {
				this.lose();
			}
		});
		rfb.addEventListener('clipboard', (event) => this.clipboard.receive(event.detail.text));
	}

	arrive() {
		this.connected = true;
		this.attempt = 0;
		this.canvas = element('stage').querySelector('canvas');
		element('lost').hidden = element('ghost').hidden = true;
		this.say('');
		this.rfb.focus();
		this.clipboard.fetch();
	}

	// The last picture stays, greyed.
	keepPicture() {
		const ghost = element('ghost');
		if (this.canvas && this.canvas.width > 0) {
			ghost.width = this.canvas.width;
			ghost.height = this.canvas.height;
			ghost.getContext('2d').drawImage(this.canvas, 0, 0);
			ghost.hidden = false;
		}
		this.canvas = null;
	}

	lose() {
		this.keepPicture();
		this.rfb = null;
		this.connected = false;
		this.keys.forget();
		this.fail(new api.Failure(0, this.reason || 'The connection was lost.'));
	}

	fail(failure) {
		if (failure.status === 401 || failure.status === 403) {
			this.left(failure.message, failure.status);
			return;
		}
		let seconds = DELAYS[Math.min(this.attempt++, DELAYS.length - 1)];
		this.say('Disconnected', true);
		const tick = () => {
			if (seconds <= 0) {
				this.connect();
				return;
			}
			this.showLost('Disconnected', `${failure.message}\nTrying again in ${seconds} s.`);
			seconds--;
			this.timer = setTimeout(tick, 1000);
		};
		tick();
	}

	showLost(title, text) {
		element('lost').hidden = false;
		element('lost-title').textContent = title;
		element('lost-text').textContent = text;
	}

	applyView() {
		const size = this.rights?.resize ? recall('size', 'fit') : recall('size', 'fit').replace('match', 'fit');
		if (!this.rfb) {
			return;
		}
		this.rfb.scaleViewport = size === 'fit';
		this.rfb.clipViewport = false;
		this.rfb.resizeSession = size === 'match';
		this.rfb.qualityLevel = Number(recall('quality', '6'));
	}

	focus() {
		if (this.connected) {
			this.rfb.focus();
		}
	}
}
