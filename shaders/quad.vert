#version 300 es
in vec2 place; // of the picture, -1 … 1

void main() {
	gl_Position = vec4(place, 0.0, 1.0);
}
