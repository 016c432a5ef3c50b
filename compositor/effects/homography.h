/* 3x3 projective maps of the plane. A point (x, y) is the column (x, y, 1); what comes out is
 * divided by its third element w, and lies behind the viewer if that isn't positive. */
#ifndef COMPOSITOR_EFFECTS_HOMOGRAPHY_H
#define COMPOSITOR_EFFECTS_HOMOGRAPHY_H

#include <stdbool.h>

struct homography {
	double m[3][3]; /* [row][column] */
};

struct homography homography_place(double x, double y, double scale_x, double scale_y);
/* `after` applied to what `first` gives. */
struct homography homography_multiply(
	const struct homography *after, const struct homography *first);
/* Turned about its centre by the angles (radians) about the x, y and z axis, seen by a viewer who
 * is `distance` away from the plane, straight above the centre. */
struct homography homography_tilt(
	double center_x, double center_y, double x, double y, double z, double distance);
/* The corners of (0, 0) … (width, height), clockwise from the upper left, to four points of which
 * no three are on a line; false if they are. */
bool homography_from_corners(
	double width, double height, const double corners[static 8], struct homography *out);
/* False if it has no inverse. */
bool homography_invert(const struct homography *map, struct homography *out);
/* False if the point is behind the viewer or not finite. */
bool homography_apply(const struct homography *map, double x, double y, double out[static 2]);

#endif
