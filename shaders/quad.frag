#version 300 es
precision highp float;

uniform vec3 s, t, q; // affine functions of px: the quad's space is (s, t) / q
uniform vec3 edges[4]; // distances in px, positive inside
uniform vec3 size; // of the quad's space, and its corners' radius
uniform vec2 texels; // of the texture, for one of the quad's space
uniform vec4 looks; // opacity, shade, last level, 1 if the texture is opaque
uniform sampler2D picture;
out vec4 result;

float corner(vec2 at, float depth) {
	vec2 middle = size.xy * 0.5;
	vec2 beyond = abs(at - middle) - (middle - size.z);
	float away = length(beyond);
	if (beyond.x <= 0.0 || beyond.y <= 0.0 || away <= 0.0) {
		return 1.0;
	}
	vec2 normal = beyond / away * sign(at - middle);
	vec2 slope = (normal.x * (s.xy - at.x * q.xy) + normal.y * (t.xy - at.y * q.xy)) / depth;
	return clamp((size.z - away) / max(length(slope), 1e-12) + 0.5, 0.0, 1.0);
}

float level(vec2 at, float depth) {
	vec2 dx = (vec2(s.x, t.x) - at * q.x) * texels / depth;
	vec2 dy = (vec2(s.y, t.y) - at * q.y) * texels / depth;
	float longer = max(dot(dx, dx), dot(dy, dy));
	return clamp(log2(max(longer, 1.0)) * 0.5, 0.0, looks.z);
}

void main() {
	vec3 here = vec3(gl_FragCoord.xy, 1.0);
	float depth = dot(q, here);
	if (depth <= 0.0) {
		discard;
	}
	vec2 at = vec2(dot(s, here), dot(t, here)) / depth;
	float coverage = 1.0;
	for (int i = 0; i < 4; i++) {
		coverage *= clamp(dot(edges[i], here) + 0.5, 0.0, 1.0);
	}
	if (size.z > 0.0) {
		coverage = min(coverage, corner(at, depth));
	}
	vec4 color = textureLod(picture, at / size.xy, level(at, depth));
	color.a = max(color.a, looks.w);
	result = color * vec4(looks.yyy, 1.0) * (looks.x * coverage);
}
