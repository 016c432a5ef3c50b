// Which of the page's views is shown: log-in, the list of screens, or one of them.

import * as api from '/api.js';
import { Screen } from '/screen.js';

const REFRESH = 4000; // ms, while somebody looks at the list
const element = (id) => document.getElementById(id);

const state = {
	server: null,
	rights: JSON.parse(sessionStorage.getItem('mullion-rights') || '{}'),
	timer: null,
	shown: '', // the list, as it was built
};

const screen = new Screen((message, status) => {
	const { target } = screen;
	screen.close();
	if (status === 401) {
		askAgain(target);
	} else {
		showTargets(message);
	}
});

function show(view) {
	document.body.dataset.view = view;
	clearTimeout(state.timer);
	closePanels();
}

// Logging in

function showLogin(message = '') {
	const users = state.server.auth === 'users';
	document.title = 'mullion';
	element('login-where').textContent = location.host;
	element('login-user-field').hidden = !users;
	element('login-hint').textContent = location.protocol === 'https:' || !users ? ''
		: 'This connection is not encrypted by mullion itself.';
	element('login-error').textContent = message;
	element('login-password').value = '';
	show('login');
	element(users && !element('login-user').value ? 'login-user' : 'login-password').focus();
}

// The key is none any more. Where no password is asked for, nobody has to notice.
async function askAgain(target = null) {
	if (state.server.auth !== 'none') {
		showLogin('Please log in again.');
		return;
	}
	try {
		await api.login('', '');
	} catch (failure) {
		showLogin(failure.message);
		return;
	}
	if (target) {
		showScreen(target);
	} else {
		showTargets();
	}
}

async function login(event) {
	event?.preventDefault();
	const go = element('login-go');
	go.disabled = true;
	go.textContent = 'One moment…';
	element('login-error').textContent = '';
	try {
		const { user, viewOnly, resize } = await api.login(element('login-user').value.trim(),
			element('login-password').value);
		state.rights = { user, viewOnly, resize };
		sessionStorage.setItem('mullion-rights', JSON.stringify(state.rights));
		element('login-password').value = '';
		await showTargets('', true);
	} catch (failure) {
		if (document.body.dataset.view !== 'login') {
			showLogin();
		}
		element('login-error').textContent = failure.message;
		const card = element('login-form');
		card.classList.remove('shake');
		void card.offsetWidth;
		card.classList.add('shake');
		element('login-password').select();
	} finally {
		go.disabled = false;
		go.textContent = 'Log in';
	}
}

async function logout() {
	screen.close();
	history.replaceState(null, '', '/');
	sessionStorage.removeItem('mullion-rights');
	await api.logout();
	showLogin();
}

// The list

const ICONS = { desktop: 'i-desktop', output: 'i-output', guest: 'i-guest' };
const SECTIONS = [['Desktop and outputs', ['desktop', 'output']], ['Guests', ['guest']]];

function icon(name) {
	const space = 'http://www.w3.org/2000/svg';
	const made = document.createElementNS(space, 'svg');
	made.append(document.createElementNS(space, 'use'));
	made.firstChild.setAttribute('href', `#${name}`);
	return made;
}

function span(className, text = '') {
	return Object.assign(document.createElement('span'), { className, textContent: text });
}

const isOff = (target) => target.kind === 'guest' && (target.state === 'off' || target.state === 'crashed');

function makeCard(target) {
	const card = Object.assign(document.createElement('button'), { className: 'target', type: 'button' });
	const face = span('face'), words = span('words'), detail = span('detail');
	card.dataset.target = target.target;
	card.disabled = isOff(target);
	face.append(icon(ICONS[target.kind]));
	if (/^#[0-9a-f]{6}$/i.test(target.label || '')) {
		card.style.setProperty('--label', target.label);
		card.append(span('label'));
	}
	if (target.state) {
		detail.append(span(`state ${target.state}`, target.state));
	}
	if (target.width > 0) {
		detail.append(span('', `${target.width} × ${target.height}`));
	}
	if (target.kind === 'desktop') {
		detail.append(span('', 'All that is shown'));
	}
	words.append(span('title', target.title), detail);
	card.append(face, words);
	card.addEventListener('click', () => showScreen(target));
	return card;
}

function fillList(targets) {
	const text = JSON.stringify(targets);
	if (text === state.shown) {
		return;
	}
	const focused = document.activeElement?.dataset?.target;
	const sections = [];
	for (const [heading, kinds] of SECTIONS) {
		const some = targets.filter((target) => kinds.includes(target.kind));
		if (some.length > 0) {
			const cards = Object.assign(document.createElement('div'), { className: 'cards' });
			cards.append(...some.map(makeCard));
			sections.push(Object.assign(document.createElement('h2'), { textContent: heading }), cards);
		}
	}
	element('targets-list').replaceChildren(...sections);
	element('targets-empty').hidden = targets.length > 0;
	document.querySelector(`[data-target="${CSS.escape(focused || '')}"]`)?.focus();
	state.shown = text;
}

// The list is asked for anew while it is looked at.
async function refresh() {
	clearTimeout(state.timer);
	if (document.body.dataset.view !== 'targets' || document.hidden) {
		return;
	}
	try {
		fillList(await api.targets());
		if (state.transient) {
			element('targets-error').textContent = state.transient = '';
		}
	} catch (failure) {
		if (failure.status === 401) {
			askAgain();
			return;
		}
		element('targets-error').textContent = state.transient = failure.message;
	}
	if (document.body.dataset.view === 'targets') {
		state.timer = setTimeout(refresh, REFRESH);
	}
}

async function showTargets(message = '', fresh = false) {
	const { user, viewOnly } = state.rights;
	screen.close();
	document.title = 'mullion';
	history.replaceState(null, '', '/');
	element('targets-who').textContent = [user, viewOnly ? 'view only' : ''].filter(Boolean).join(', ');
	element('targets-error').textContent = message;
	if (fresh) {
		const targets = await api.targets().catch((failure) => {
			if (failure.status === 401) {
				throw failure;
			}
			return [];
		});
		state.shown = '';
		fillList(targets);
		if (targets.length === 1 && !isOff(targets[0])) {
			showScreen(targets[0]);
			return;
		}
	}
	show('targets');
	refresh();
}

// A screen

function showScreen(target) {
	if (!state.server.novnc) {
		element('targets-error').textContent = 'The server has no noVNC: its package is missing.';
		return;
	}
	document.title = `${target.title} – mullion`;
	history.replaceState(null, '', `#${target.target}`);
	show('screen');
	screen.open(target, state.rights, state.server.novnc);
}

function closePanels() {
	for (const panel of document.querySelectorAll('.panel')) {
		panel.hidden = true;
	}
	for (const tool of document.querySelectorAll('[data-panel]')) {
		tool.setAttribute('aria-expanded', 'false');
	}
	element('screen').classList.remove('open');
}

function togglePanel(tool) {
	const panel = element(`panel-${tool.dataset.panel}`);
	const opens = panel.hidden;
	closePanels();
	panel.hidden = !opens;
	tool.setAttribute('aria-expanded', String(opens));
	element('screen').classList.toggle('open', opens);
	if (!opens) {
		screen.focus();
	}
}

// In full screen a browser may hand over the keys that it keeps otherwise.
async function toggleFull() {
	if (document.fullscreenElement) {
		await document.exitFullscreen();
		return;
	}
	await document.documentElement.requestFullscreen({ navigationUI: 'hide' });
	navigator.keyboard?.lock?.().catch(() => {});
	element('screen').classList.add('greet');
	setTimeout(() => element('screen').classList.remove('greet'), 1800);
	screen.focus();
}

const ACTIONS = {
	back: () => showTargets(),
	logout,
	full: () => toggleFull().catch(() => {}),
	retry: () => screen.connect(),
	type: () => element('typing').focus(),
};

function prepare() {
	element('login-form').addEventListener('submit', login);
	for (const one of document.querySelectorAll('[data-do]')) {
		one.addEventListener('click', () => ACTIONS[one.dataset.do]());
	}
	for (const tool of document.querySelectorAll('[data-panel]')) {
		tool.addEventListener('click', () => togglePanel(tool));
	}
	element('stage').addEventListener('pointerdown', () => {
		closePanels();
		screen.clipboard.fetch();
	}, true);
	document.addEventListener('visibilitychange', refresh);
	if (!document.documentElement.requestFullscreen) {
		document.querySelector('[data-do="full"]').hidden = true;
	}
}

// After a reload it goes on where it was.
async function resume() {
	const wanted = decodeURIComponent(location.hash.slice(1));
	const targets = await api.targets();
	const target = targets.find((one) => one.target === wanted);
	state.shown = '';
	fillList(targets);
	if (target && !isOff(target)) {
		showScreen(target);
	} else {
		await showTargets();
	}
}

async function begin() {
	prepare();
	try {
		state.server = await api.server();
		for (const one of document.querySelectorAll('[data-do="logout"], #bar .rule')) {
			one.hidden = state.server.auth === 'none';
		}
		if (api.hasKey()) {
			await resume();
			return;
		}
	} catch (failure) {
		if (!state.server) {
			setTimeout(() => location.reload(), 3000);
			return;
		}
	}
	if (state.server.auth === 'none') {
		await login();
	} else {
		showLogin();
	}
}

begin();
