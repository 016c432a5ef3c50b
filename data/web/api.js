// What the page asks its server. A log-in gives it a key, which it keeps for this tab only.

const KEY = 'mullion-key';

export class Failure extends Error {
	constructor(status, message) {
		super(message);
		this.status = status; // of HTTP; 0: the server didn't answer
	}
}

async function ask(method, path, fields) {
	const key = sessionStorage.getItem(KEY);
	const request = { method, cache: 'no-store', credentials: 'omit', headers: {} };
	if (method === 'POST') {
		request.body = new URLSearchParams(fields);
	}
	if (key) {
		request.headers.Authorization = `Bearer ${key}`;
	}
	let answer;
	try {
		answer = await fetch(path, request);
	} catch {
		throw new Failure(0, 'The server does not answer.');
	}
	const body = await answer.json().catch(() => ({}));
	if (!answer.ok) {
		if (answer.status === 401) {
			sessionStorage.removeItem(KEY);
		}
		throw new Failure(answer.status, body.error || `The server answers ${answer.status}.`);
	}
	return body;
}

export const hasKey = () => sessionStorage.getItem(KEY) !== null;

export const server = () => ask('GET', '/api/server');

export async function login(user, password) {
	sessionStorage.removeItem(KEY);
	const answer = await ask('POST', '/api/login', { user, password });
	sessionStorage.setItem(KEY, answer.key);
	return answer;
}

export async function logout() {
	await ask('POST', '/api/logout', {}).catch(() => {});
	sessionStorage.removeItem(KEY);
}

export const targets = () => ask('POST', '/api/targets', {});

export const token = async (target) => (await ask('POST', '/api/token', { target })).token;
