#include "keys/dead_keys.h"

#include <stddef.h>
#include <wchar.h>
#include <xkbcommon/xkbcommon.h>

/* Pairs of what is typed after the dead key and what comes of it. The accent by itself is dead key
 * and space, where X11, Linux's console and Windows agree on it. */
static const struct {
	uint32_t keysym;
	const wchar_t *pairs;
} dead_keys[] = {
	{XKB_KEY_dead_acute,
		L"aáeéiíoóuúyýcćlĺnńrŕsśzźgǵkḱmḿpṕwẃ"
		L"AÁEÉIÍOÓUÚYÝCĆLĹNŃRŔSŚZŹGǴKḰMḾPṔWẂ"
		L" '"},
	{XKB_KEY_dead_grave, L"aàeèiìoòuùnǹwẁyỳAÀEÈIÌOÒUÙNǸWẀYỲ `"},
	{XKB_KEY_dead_circumflex, L"aâeêiîoôuûcĉgĝhĥjĵsŝwŵyŷzẑAÂEÊIÎOÔUÛCĈGĜHĤJĴSŜWŴYŶZẐ ^"},
	{XKB_KEY_dead_tilde, L"aãnñoõiĩuũeẽyỹvṽAÃNÑOÕIĨUŨEẼYỸVṼ ~"},
	{XKB_KEY_dead_diaeresis, L"aäeëiïoöuüyÿwẅxẍhḧtẗAÄEËIÏOÖUÜYŸWẄXẌHḦ \""},
	{XKB_KEY_dead_cedilla, L"cçsştţeȩgģkķlļnņrŗdḑhḩCÇSŞTŢEȨGĢKĶLĻNŅRŖDḐHḨ"},
	{XKB_KEY_dead_caron,
		L"cčdďeěnňrřsštťzžaǎgǧiǐkǩlľoǒuǔhȟjǰ"
		L"CČDĎEĚNŇRŘSŠTŤZŽAǍGǦIǏKǨLĽOǑUǓHȞ"},
	{XKB_KEY_dead_abovering, L"aåuůwẘyẙAÅUŮ"},
	{XKB_KEY_dead_ogonek, L"aąeęiįuųoǫAĄEĘIĮUŲOǪ"},
	{XKB_KEY_dead_breve, L"aăgğeĕiĭoŏuŭAĂGĞEĔIĬOŎUŬ"},
	{XKB_KEY_dead_doubleacute, L"oőuűOŐUŰ"},
	{XKB_KEY_dead_macron, L"aāeēiīoōuūyȳgḡAĀEĒIĪOŌUŪYȲGḠ"},
	{XKB_KEY_dead_abovedot, L"cċeėgġzżnṅsṡIİCĊEĖGĠZŻNṄSṠ"},
	{XKB_KEY_dead_stroke, L"lłdđoøhħtŧbƀgǥLŁDĐOØHĦTŦGǤ"},
	{XKB_KEY_dead_belowdot, L"aạeẹiịoọuụyỵAẠEẸIỊOỌUỤYỴ"},
	{XKB_KEY_dead_belowcomma, L"sștțSȘTȚ"},
};

bool dead_key_find(uint32_t code_point, unsigned int n, struct dead_key *way) {
	for (size_t i = 0; i < sizeof(dead_keys) / sizeof(dead_keys[0]); i++) {
		for (const wchar_t *pair = dead_keys[i].pairs; *pair; pair += 2) {
			if ((uint32_t)pair[1] == code_point && n-- == 0) {
				way->dead_keysym = dead_keys[i].keysym;
				way->base = (uint32_t)pair[0];
				return true;
			}
		}
	}
	return false;
}
