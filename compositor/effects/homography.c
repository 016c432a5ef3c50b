#include "compositor/effects/homography.h"

#include <math.h>

struct homography homography_place(double x, double y, double scale_x, double scale_y) {
	return (struct homography){{{scale_x, 0, x}, {0, scale_y, y}, {0, 0, 1}}};
}

struct homography homography_multiply(
	const struct homography *after, const struct homography *first) {
	struct homography out;
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 3; j++) {
			out.m[i][j] = after->m[i][0] * first->m[0][j] +
				after->m[i][1] * first->m[1][j] + after->m[i][2] * first->m[2][j];
		}
	}
	return out;
}

struct homography homography_tilt(
	double center_x, double center_y, double x, double y, double z, double distance) {
	double cx = cos(x), sx = sin(x), cy = cos(y), sy = sin(y), cz = cos(z), sz = sin(z);
	/* The first two columns of Ry·Rx·Rz: the plane's axes in space. */
	double ax = cy * cz + sy * sx * sz, bx = -cy * sz + sy * sx * cz;
	double ay = cx * sz, by = cx * cz;
	double az = -sy * cz + cy * sx * sz, bz = sy * sz + cy * sx * cz;
	struct homography turn = {{{ax, bx, 0}, {ay, by, 0}, {az / distance, bz / distance, 1}}};
	struct homography there = homography_place(-center_x, -center_y, 1, 1);
	struct homography back = homography_place(center_x, center_y, 1, 1);
	turn = homography_multiply(&turn, &there);
	return homography_multiply(&back, &turn);
}

bool homography_invert(const struct homography *map, struct homography *out) {
	const double(*m)[3] = map->m;
	struct homography adjugate;
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 3; j++) {
			int a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
			adjugate.m[i][j] = m[a][c] * m[b][d] - m[a][d] * m[b][c];
		}
	}
	double det = m[0][0] * adjugate.m[0][0] + m[0][1] * adjugate.m[1][0] +
		m[0][2] * adjugate.m[2][0];
	if (!isfinite(1 / det)) {
		return false;
	}
	for (int i = 0; i < 9; i++) {
		out->m[i / 3][i % 3] = adjugate.m[i / 3][i % 3] / det;
		if (!isfinite(out->m[i / 3][i % 3])) {
			return false;
		}
	}
	return true;
}

bool homography_from_corners(
	double width, double height, const double corners[static 8], struct homography *out) {
	const double *p = corners;
	double dx1 = p[2] - p[4], dx2 = p[6] - p[4], dy1 = p[3] - p[5], dy2 = p[7] - p[5];
	double sx = p[0] - p[2] + p[4] - p[6], sy = p[1] - p[3] + p[5] - p[7];
	double det = dx1 * dy2 - dx2 * dy1;
	double g = (sx * dy2 - dx2 * sy) / det, h = (dx1 * sy - sx * dy1) / det;
	if (!isfinite(g) || !isfinite(h) || !(width > 0) || !(height > 0)) {
		return false;
	}
	*out = (struct homography){{
		{(p[2] - p[0] + g * p[2]) / width, (p[6] - p[0] + h * p[6]) / height, p[0]},
		{(p[3] - p[1] + g * p[3]) / width, (p[7] - p[1] + h * p[7]) / height, p[1]},
		{g / width, h / height, 1},
	}};
	struct homography inverse;
	return homography_invert(out, &inverse);
}

bool homography_apply(const struct homography *map, double x, double y, double out[static 2]) {
	const double(*m)[3] = map->m;
	double w = m[2][0] * x + m[2][1] * y + m[2][2];
	out[0] = (m[0][0] * x + m[0][1] * y + m[0][2]) / w;
	out[1] = (m[1][0] * x + m[1][1] * y + m[1][2]) / w;
	return w > 0 && isfinite(out[0]) && isfinite(out[1]);
}
