BEGIN TRANSACTION;
CREATE TABLE api_keys (
	name VARCHAR(40) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	daily_micro_usd BIGINT, 
	monthly_micro_usd BIGINT, 
	per_minute INTEGER, 
	origins TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	CONSTRAINT pk_api_keys PRIMARY KEY (name)
);
INSERT INTO "api_keys" VALUES('website','a0f592f40c45a717f65b5a48e0878b70e2703f74c1627e937365d0bfd560019f',1000000,10000000,600,'','2026-11-26 01:13:02.232000',NULL);
INSERT INTO "api_keys" VALUES('page','c432731372c233f0c3b57e01a89d9d79e83fb2f7fbe4bedba154eb24ebf2e38a',NULL,NULL,NULL,'https://shop.example','2026-11-26 01:13:10.337000',NULL);
INSERT INTO "api_keys" VALUES('gravatar','84dd7c87f4cdf31cdaa26670bef11d573a2d4e519f49933c5d367c628899621c',NULL,NULL,NULL,'','2026-11-26 01:13:16.506000',NULL);
INSERT INTO "api_keys" VALUES('former','4d92f3d8bfd11580a50ac2c9dd93236d25a993dbc617d6f9be0986714a97e314',NULL,NULL,NULL,'','2026-11-26 01:13:22.302000','2026-11-26 01:14:07.204000');
CREATE TABLE avatars (
	image_hash VARCHAR(32) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	mood VARCHAR(16) NOT NULL, 
	head_shape VARCHAR(16), 
	skin_tone VARCHAR(16), 
	smile_type VARCHAR(16), 
	nose_type VARCHAR(16), 
	eye_color VARCHAR(16), 
	glasses BOOLEAN NOT NULL, 
	variant SMALLINT NOT NULL, 
	edition VARCHAR(50) NOT NULL, 
	artist VARCHAR(16) NOT NULL, 
	prompt TEXT NOT NULL, 
	prompt_version INTEGER NOT NULL, 
	provider VARCHAR(32) NOT NULL, 
	model VARCHAR(100) NOT NULL, 
	quality VARCHAR(20) NOT NULL, 
	cost_micro_usd BIGINT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_avatars PRIMARY KEY (image_hash), 
	CONSTRAINT fk_avatars_digest FOREIGN KEY(digest) REFERENCES images (digest)
);
INSERT INTO "avatars" VALUES('c6f29ac1c0089ee10c10567a81e0ffbf','aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4','fun',NULL,NULL,NULL,NULL,NULL,0,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour.',2,'openai','gpt-image-2.5-flare','low',6505,'2026-11-26 01:13:33.422000');
INSERT INTO "avatars" VALUES('037332244527bf34823d0f9efc2ec4bb','1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1','official','oval','fair','closed-lip','button','blue',1,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; fair, light skin; blue eyes; a small, round button nose; and a gentle smile with the lips closed. The person wears glasses with clear lenses.',2,'openai','gpt-image-2.5-flare','low',6785,'2026-11-26 01:13:35.808000');
INSERT INTO "avatars" VALUES('0098c2feaa53f1cc090555a40091cfe1','62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63','fun',NULL,'dark',NULL,NULL,NULL,0,7,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. The person has dark, deep brown skin. This is person number 8 of this description: make up another, in the same style.',2,'openai','gpt-image-2.5-flare','low',6650,'2026-11-26 01:13:37.517000');
INSERT INTO "avatars" VALUES('442da0e32e75115e202384f68610e189','627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf','fun',NULL,NULL,'teeth-baring',NULL,'grey',0,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. The person has pale grey eyes; and a broad grin that bares both rows of teeth.',2,'openai','gpt-image-2.5-flare','low',6600,'2026-11-26 01:13:38.088000');
INSERT INTO "avatars" VALUES('9618353c09d7e968d7bd8a302d3a9ceb','e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be','fun',NULL,NULL,NULL,'snub',NULL,0,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. The person has a short snub nose with a slightly upturned, rounded tip.',2,'openai','gpt-image-2.5-flare','low',6595,'2026-11-26 01:13:38.783000');
INSERT INTO "avatars" VALUES('0c4aa044ced75b25ace9e0dc2080935f','c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c','official','heart',NULL,NULL,NULL,NULL,0,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has a heart-shaped face, wide at the forehead and narrowing to a small pointed chin.',2,'openai','gpt-image-2.5-flare','low',6625,'2026-11-26 01:14:00.094000');
INSERT INTO "avatars" VALUES('5593c14e0e4c41d7fef5694443423340','f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5','official','oval','medium','full','roman','amber',1,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; medium, tan to olive skin; amber, golden-yellow eyes; a Roman nose: a strong, high bridge with a gentle outward curve, seen from the front; and a full, laughing smile with the mouth open. The person wears glasses with clear lenses.',2,'openai','gpt-image-2.5-flare','low',6900,'2026-11-26 01:13:46.856000');
INSERT INTO "avatars" VALUES('8876e7f4577a899073c2c1b791a5c72a','838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef','official','oval','fair','closed-lip','button','blue',1,0,'1','local','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; fair, light skin; blue eyes; a small, round button nose; and a gentle smile with the lips closed. The person wears glasses with clear lenses.',2,'local','local-artist-7','vector',0,'2026-11-26 01:14:25.940000');
INSERT INTO "avatars" VALUES('528cd05c135c3fe3da3f332d7f14c786','4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991','fun',NULL,NULL,NULL,NULL,NULL,0,3,'1','local','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. This is person number 4 of this description: make up another, in the same style.',2,'local','local-artist-7','vector',0,'2026-11-26 01:14:28.040000');
CREATE TABLE avatars_schema_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT avatars_schema_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "avatars_schema_version" VALUES('0003');
CREATE TABLE "budgets" (
	name VARCHAR(64) NOT NULL, 
	reserved_micro_usd BIGINT NOT NULL, 
	spent_micro_usd BIGINT NOT NULL, 
	CONSTRAINT pk_budgets PRIMARY KEY (name)
);
INSERT INTO "budgets" VALUES('2026-11',17805,96950);
INSERT INTO "budgets" VALUES('2026-11-26',17805,96950);
INSERT INTO "budgets" VALUES('2026-11/shop',17805,44930);
INSERT INTO "budgets" VALUES('2026-11-26/shop',17805,44930);
INSERT INTO "budgets" VALUES('2026-11/website',0,25245);
INSERT INTO "budgets" VALUES('2026-11-26/website',0,25245);
INSERT INTO "budgets" VALUES('2026-11/gravatar',0,6650);
INSERT INTO "budgets" VALUES('2026-11-26/gravatar',0,6650);
INSERT INTO "budgets" VALUES('2026-11/page',0,6600);
INSERT INTO "budgets" VALUES('2026-11-26/page',0,6600);
CREATE TABLE claims (
	subject VARCHAR(32) NOT NULL, 
	owner VARCHAR(100) NOT NULL, 
	fence VARCHAR(32) NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_claims PRIMARY KEY (subject)
);
INSERT INTO "claims" VALUES('0d39b8079ddbb394b5bb71115fd486e6','host-of-yesterday-24056-c82fcd55','925b5f4156d311a153addf0cf1c2e98a','2026-11-26 01:14:42.954000');
INSERT INTO "claims" VALUES('bea6a62e44747cd24351508427c7a740','host-of-yesterday-24056-c82fcd55','6da1df1aafa4ff6eb04f3be60f1fb254','2026-11-26 01:14:43.313000');
CREATE TABLE descriptions (
	digest VARCHAR(64) NOT NULL, 
	drawn_at DATETIME NOT NULL, 
	CONSTRAINT pk_descriptions PRIMARY KEY (digest)
);
INSERT INTO "descriptions" VALUES('1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168','2026-11-26 01:13:47.155000');
INSERT INTO "descriptions" VALUES('b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa','2026-11-26 01:13:47.691000');
CREATE TABLE generation (
	id INTEGER NOT NULL, 
	number BIGINT NOT NULL, 
	CONSTRAINT pk_generation PRIMARY KEY (id)
);
INSERT INTO "generation" VALUES(1,2);
CREATE TABLE gone (
	digest VARCHAR(64) NOT NULL, 
	generation BIGINT NOT NULL, 
	gone_at DATETIME NOT NULL, 
	CONSTRAINT pk_gone PRIMARY KEY (digest)
);
INSERT INTO "gone" VALUES('4b0d360705c9db8f88d146076d979beb2550c6bb59c9adb52dedb7ee6332d2c6',1,'2026-11-26 01:13:53.242000');
INSERT INTO "gone" VALUES('254d9e854f20b9fa0150476301768b149dfed540e67337aee44570b3b376f5d8',1,'2026-11-26 01:13:53.242000');
INSERT INTO "gone" VALUES('8413659d8c91a3b31a6893e5546cd4993e300cb8326e95d0d67b06347726b756',1,'2026-11-26 01:13:53.242000');
INSERT INTO "gone" VALUES('bb56ddfb01b3c0ebb6c0d5363685435e5177eae75c24171c607ff089e5f77cb6',1,'2026-11-26 01:13:53.242000');
CREATE TABLE hourly_sums (
	hour DATETIME NOT NULL, 
	hits BIGINT NOT NULL, 
	misses BIGINT NOT NULL, 
	stand_ins BIGINT NOT NULL, 
	saved_micro_usd BIGINT NOT NULL, 
	CONSTRAINT pk_hourly_sums PRIMARY KEY (hour)
);
INSERT INTO "hourly_sums" VALUES('2026-11-26 01:00:00.000000',10,12,2,52985);
CREATE TABLE idempotency_keys (
	subject VARCHAR(32) NOT NULL, 
	body_hash VARCHAR(64) NOT NULL, 
	answer TEXT NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_idempotency_keys PRIMARY KEY (subject)
);
INSERT INTO "idempotency_keys" VALUES('k89ab4976342fe4e84077c5079e5271f','670090d063c40ba781b38ff5efd90708e9e04f08b146db813356ed5fc322de3d','{"image_hash":"","prompt":"an astronaut; her name is \"Zoë\" \\ ''O''''Hara''","picture":{"digest":"b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa","format":"png"},"features":null,"cache_hit":false,"cost":5930,"saved":0,"ready_in":null,"reason":null}','2026-11-27 01:13:47.692000');
INSERT INTO "idempotency_keys" VALUES('k2a4e75bc120d8d15931c07799925382','b9d37a6d4a7f5d2b299f7303be34b26fd70aa7c3c582a79241c3aba75f979c03','{"image_hash":"037332244527bf34823d0f9efc2ec4bb","prompt":"Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; fair, light skin; blue eyes; a small, round button nose; and a gentle smile with the lips closed. The person wears glasses with clear lenses.","picture":{"digest":"e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c","format":"png"},"features":null,"cache_hit":false,"cost":6785,"saved":0,"ready_in":null,"reason":null}','2026-11-27 01:13:47.963000');
CREATE TABLE images (
	digest VARCHAR(64) NOT NULL, 
	format VARCHAR(8) NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	data BLOB, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_images PRIMARY KEY (digest)
);
INSERT INTO "images" VALUES('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4','png',1024,1024,X'{{aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4}}','2026-11-26 01:13:33.400000');
INSERT INTO "images" VALUES('68c31ecb38d0bd60c4c7f1e5182fa1c4efd802995959060983032a50f981407c','webp',256,256,X'{{68c31ecb38d0bd60c4c7f1e5182fa1c4efd802995959060983032a50f981407c}}','2026-11-26 01:13:34.939000');
INSERT INTO "images" VALUES('41b863d172ac51abdc44dc7baebb3f7e6e234216331f18cfd231e3fab5479d77','jpeg',64,64,X'{{41b863d172ac51abdc44dc7baebb3f7e6e234216331f18cfd231e3fab5479d77}}','2026-11-26 01:13:35.319000');
INSERT INTO "images" VALUES('5b7b5bb65131249d673a267d24e93dd317206555434880d9e2023f4502ec084e','avif',32,32,X'{{5b7b5bb65131249d673a267d24e93dd317206555434880d9e2023f4502ec084e}}','2026-11-26 01:13:35.537000');
INSERT INTO "images" VALUES('1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1','png',1024,1024,X'{{1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1}}','2026-11-26 01:13:35.787000');
INSERT INTO "images" VALUES('18d07fcce501bffe5f7ae52530ed01e9e183c8a709db5612584d97aae178f1fa','webp',256,256,X'{{18d07fcce501bffe5f7ae52530ed01e9e183c8a709db5612584d97aae178f1fa}}','2026-11-26 01:13:36.412000');
INSERT INTO "images" VALUES('62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63','png',1024,1024,X'{{62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63}}','2026-11-26 01:13:37.505000');
INSERT INTO "images" VALUES('b5680f8eee9bfa45d3b83294f3dfd684eed679e49defb69793661bdfa3222f42','webp',256,256,X'{{b5680f8eee9bfa45d3b83294f3dfd684eed679e49defb69793661bdfa3222f42}}','2026-11-26 01:13:37.813000');
INSERT INTO "images" VALUES('627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf','png',1024,1024,X'{{627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf}}','2026-11-26 01:13:38.083000');
INSERT INTO "images" VALUES('8bcf82b0b55093da95bccd25fa516222a042b8e41337b02cfc97d92d9449bd62','webp',256,256,X'{{8bcf82b0b55093da95bccd25fa516222a042b8e41337b02cfc97d92d9449bd62}}','2026-11-26 01:13:38.347000');
INSERT INTO "images" VALUES('e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be','png',1024,1024,X'{{e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be}}','2026-11-26 01:13:38.776000');
INSERT INTO "images" VALUES('f6bc6838faefff14598135077792fa13d6492b65454fbcb32938a140c962bf34','webp',256,256,X'{{f6bc6838faefff14598135077792fa13d6492b65454fbcb32938a140c962bf34}}','2026-11-26 01:13:39.124000');
INSERT INTO "images" VALUES('a3a87dc72fd65be2c591d67e081ed5fcbc306575b8512b4fe559ba6024158308','png',1024,1024,X'{{a3a87dc72fd65be2c591d67e081ed5fcbc306575b8512b4fe559ba6024158308}}','2026-11-26 01:13:39.252000');
INSERT INTO "images" VALUES('479530ffa278c51b445dd0b920026e525a6599edf6ebc6465cf5f7223cb7ae12','webp',256,256,X'{{479530ffa278c51b445dd0b920026e525a6599edf6ebc6465cf5f7223cb7ae12}}','2026-11-26 01:13:39.710000');
INSERT INTO "images" VALUES('f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5','png',1024,1024,X'{{f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5}}','2026-11-26 01:13:46.848000');
INSERT INTO "images" VALUES('9ca20aae0ffd83a6cbad3173f7b3098b9d1b7c54807d403310d9cc6397df87f0','webp',64,64,X'{{9ca20aae0ffd83a6cbad3173f7b3098b9d1b7c54807d403310d9cc6397df87f0}}','2026-11-26 01:13:46.971000');
INSERT INTO "images" VALUES('1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168','png',1024,1024,X'{{1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168}}','2026-11-26 01:13:47.153000');
INSERT INTO "images" VALUES('624b33e5030ec6def0b1fe96448b0bed82b7bd307452f10c7662326fc956ca7b','webp',256,256,X'{{624b33e5030ec6def0b1fe96448b0bed82b7bd307452f10c7662326fc956ca7b}}','2026-11-26 01:13:47.275000');
INSERT INTO "images" VALUES('b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa','png',1024,1024,X'{{b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa}}','2026-11-26 01:13:47.690000');
INSERT INTO "images" VALUES('a3059c4cd48026ca79a138d70c87326e5b9f8084e482dd8d948dbd24f9cf4fe0','webp',256,256,X'{{a3059c4cd48026ca79a138d70c87326e5b9f8084e482dd8d948dbd24f9cf4fe0}}','2026-11-26 01:13:47.829000');
INSERT INTO "images" VALUES('e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c','png',1024,1024,X'{{e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c}}','2026-11-26 01:13:47.961000');
INSERT INTO "images" VALUES('593db22b153b9afe131cf38c6817e4db1e3539e69b73471a455504e0397970fa','webp',256,256,X'{{593db22b153b9afe131cf38c6817e4db1e3539e69b73471a455504e0397970fa}}','2026-11-26 01:13:48.096000');
INSERT INTO "images" VALUES('c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c','png',1024,1024,X'{{c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c}}','2026-11-26 01:14:00.064000');
INSERT INTO "images" VALUES('1002ffb6d760af5ff573d88cd6704c52f3c57c4a94a3f80adc8e405e93752033','webp',256,256,X'{{1002ffb6d760af5ff573d88cd6704c52f3c57c4a94a3f80adc8e405e93752033}}','2026-11-26 01:14:17.697000');
INSERT INTO "images" VALUES('838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef','svg',512,512,X'{{838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef}}','2026-11-26 01:14:25.919000');
INSERT INTO "images" VALUES('c4ee1ba2515579c8dc3d0135204da99b403885bcdcda5b4fd3de4961a2fb1307','webp',128,128,X'{{c4ee1ba2515579c8dc3d0135204da99b403885bcdcda5b4fd3de4961a2fb1307}}','2026-11-26 01:14:27.724000');
INSERT INTO "images" VALUES('4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991','svg',512,512,X'{{4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991}}','2026-11-26 01:14:28.028000');
INSERT INTO "images" VALUES('33b2f596fa82c3451f13c4b40ac44405526b6118d392ff05a06a78bdaf14bfb8','webp',128,128,X'{{33b2f596fa82c3451f13c4b40ac44405526b6118d392ff05a06a78bdaf14bfb8}}','2026-11-26 01:14:28.326000');
CREATE TABLE paid_calls (
	id VARCHAR(32) NOT NULL, 
	subject VARCHAR(32), 
	provider VARCHAR(32) NOT NULL, 
	model VARCHAR(100) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	bound_micro_usd BIGINT NOT NULL, 
	cost_micro_usd BIGINT NOT NULL, 
	day VARCHAR(16) NOT NULL, 
	month VARCHAR(16) NOT NULL, 
	request_id VARCHAR(200), 
	outcome VARCHAR(50), 
	duration_ms INTEGER, 
	reserved_at DATETIME NOT NULL, 
	ended_at DATETIME, payer VARCHAR(40), 
	CONSTRAINT pk_paid_calls PRIMARY KEY (id)
);
INSERT INTO "paid_calls" VALUES('8ec868519ad74918b32d5d91248623e9','c6f29ac1c0089ee10c10567a81e0ffbf','openai','gpt-image-2.5-flare','settled',8400,6505,'2026-11-26','2026-11','req_1','drawn',835,'2026-11-26 01:13:32.544000','2026-11-26 01:13:33.425000','shop');
INSERT INTO "paid_calls" VALUES('00b777532d5e4f069ffc6010789cec40','037332244527bf34823d0f9efc2ec4bb','openai','gpt-image-2.5-flare','settled',9530,6785,'2026-11-26','2026-11','req_2','drawn',35,'2026-11-26 01:13:35.724000','2026-11-26 01:13:35.809000','website');
INSERT INTO "paid_calls" VALUES('d9ae881ab3ba496580d2540f9910bc32','0098c2feaa53f1cc090555a40091cfe1','openai','gpt-image-2.5-flare','settled',8995,6650,'2026-11-26','2026-11','req_3','drawn',21,'2026-11-26 01:13:37.471000','2026-11-26 01:13:37.518000','gravatar');
INSERT INTO "paid_calls" VALUES('cb93103bd8e24677bbf26f51d83429c7','442da0e32e75115e202384f68610e189','openai','gpt-image-2.5-flare','settled',8795,6600,'2026-11-26','2026-11','req_4','drawn',11,'2026-11-26 01:13:38.064000','2026-11-26 01:13:38.088000','page');
INSERT INTO "paid_calls" VALUES('b9fef01da1fd415c897580dcf7b1d8ca','9618353c09d7e968d7bd8a302d3a9ceb','openai','gpt-image-2.5-flare','released',8760,0,'2026-11-26','2026-11','req_5','429 rate_limit_exceeded',10,'2026-11-26 01:13:38.500000','2026-11-26 01:13:38.515000','website');
INSERT INTO "paid_calls" VALUES('3770589b45294bb2811f44e1e55beafa','9618353c09d7e968d7bd8a302d3a9ceb','openai','gpt-image-2.5-flare','settled',8760,6595,'2026-11-26','2026-11','req_6','drawn',23,'2026-11-26 01:13:38.731000','2026-11-26 01:13:38.785000','website');
INSERT INTO "paid_calls" VALUES('83ff3edbd61743c3b31521d08062f9e1','0c4aa044ced75b25ace9e0dc2080935f','openai','gpt-image-2.5-flare','settled',8885,6625,'2026-11-26','2026-11','req_7','drawn',12,'2026-11-26 01:13:39.236000','2026-11-26 01:13:39.255000','shop');
INSERT INTO "paid_calls" VALUES('6ea8ad497ecb45edbe29f4b1077144db','81d9c1d6dfc3d0ff9249ae574bc7f73a','openai','gpt-image-2.5-flare','settled',8790,6600,'2026-11-26','2026-11','req_8','drawn',46,'2026-11-26 01:13:40.017000','2026-11-26 01:13:40.078000','shop');
INSERT INTO "paid_calls" VALUES('9c9a996d49f6498187aa3d73cd84a06e','5593c14e0e4c41d7fef5694443423340','openai','gpt-image-2.5-flare','settled',9980,6900,'2026-11-26','2026-11','req_9','drawn',12,'2026-11-26 01:13:46.827000','2026-11-26 01:13:46.857000',NULL);
INSERT INTO "paid_calls" VALUES('51ae8b5d3fa740f195e9af715b82fed8',NULL,'openai','gpt-image-2.5-flare','settled',6010,5905,'2026-11-26','2026-11','req_10','drawn',6,'2026-11-26 01:13:47.143000','2026-11-26 01:13:47.157000','shop');
INSERT INTO "paid_calls" VALUES('b99fd3d26f0e49c6b999376ae69fa384',NULL,'openai','gpt-image-2.5-flare','settled',6070,5920,'2026-11-26','2026-11','req_11','drawn',12,'2026-11-26 01:13:47.403000','2026-11-26 01:13:47.429000','shop');
INSERT INTO "paid_calls" VALUES('78132b1e3d3c4413af2b09fb8ce46772','k89ab4976342fe4e84077c5079e5271f','openai','gpt-image-2.5-flare','settled',6120,5930,'2026-11-26','2026-11','req_12','drawn',5,'2026-11-26 01:13:47.683000','2026-11-26 01:13:47.693000','website');
INSERT INTO "paid_calls" VALUES('c19ff35e69e44f198618a185eb847e63','k2a4e75bc120d8d15931c07799925382','openai','gpt-image-2.5-flare','settled',9530,6785,'2026-11-26','2026-11','req_13','drawn',4,'2026-11-26 01:13:47.954000','2026-11-26 01:13:47.963000','shop');
INSERT INTO "paid_calls" VALUES('e3e3b789bed649b28ed2b7be4e11210e','1aedc26550f982c1020b384c90d1b8d8','openai','gpt-image-2.5-flare','released',8935,0,'2026-11-26','2026-11','req_14','400 moderation_blocked',5,'2026-11-26 01:13:48.283000','2026-11-26 01:13:48.297000','shop');
INSERT INTO "paid_calls" VALUES('b64fc4d448344de390cbc95343727ae4','c7cfe3954e6a623ab86ccf874a2581d2','openai','gpt-image-2.5-flare','settled',8750,6590,'2026-11-26','2026-11','req_15','no_picture',61,'2026-11-26 01:13:48.369000','2026-11-26 01:13:48.444000','shop');
INSERT INTO "paid_calls" VALUES('411bbbcde3054ed4902fafbcfac35b6e','7052c57486f90d31841bc4ead3337510','openai','gpt-image-2.5-flare','released',8610,0,'2026-11-26','2026-11','req_16','400 invalid_value',6,'2026-11-26 01:13:48.503000','2026-11-26 01:13:48.513000','shop');
INSERT INTO "paid_calls" VALUES('4cb019ef15a0478ab775288024a86aed','k7a0aced8ef1dc3818615fd0b8e6fc63','openai','gpt-image-2.5-flare','unknown',5935,5935,'2026-11-26','2026-11',NULL,'RemoteProtocolError',5,'2026-11-26 01:13:48.601000','2026-11-26 01:13:48.617000','website');
INSERT INTO "paid_calls" VALUES('4a4241e0026740dbab459cdb005fb777','rc4aa044ced75b25ace9e0dc2080935f','openai','gpt-image-2.5-flare','settled',8885,6625,'2026-11-26','2026-11','req_17','drawn',1984,'2026-11-26 01:13:58.056000','2026-11-26 01:14:00.554000',NULL);
INSERT INTO "paid_calls" VALUES('6b82c6cd1f3f4581a71c945c9f9d8f56','0d39b8079ddbb394b5bb71115fd486e6','openai','gpt-image-2.5-flare','reserved',8745,0,'2026-11-26','2026-11',NULL,NULL,NULL,'2026-11-26 01:14:37.972000',NULL,'shop');
INSERT INTO "paid_calls" VALUES('38a886716ee04b61b87071e4849d18e5','bea6a62e44747cd24351508427c7a740','openai','gpt-image-2.5-flare','reserved',9060,0,'2026-11-26','2026-11',NULL,NULL,NULL,'2026-11-26 01:14:40.323000',NULL,'shop');
CREATE TABLE refusals (
	subject VARCHAR(32) NOT NULL, 
	code VARCHAR(50) NOT NULL, 
	reason VARCHAR(200) NOT NULL, 
	refused_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	CONSTRAINT pk_refusals PRIMARY KEY (subject)
);
INSERT INTO "refusals" VALUES('1aedc26550f982c1020b384c90d1b8d8','refused','The image model refuses to draw this. Ask for something else.','2026-11-26 01:13:48.304000','2026-11-26 13:13:48.304000');
INSERT INTO "refusals" VALUES('c7cfe3954e6a623ab86ccf874a2581d2','provider_bad_answer','The image provider''s answer cannot be used: it is no PNG, JPEG or WebP. Try again later.','2026-11-26 01:13:48.446000','2026-11-26 13:13:48.446000');
INSERT INTO "refusals" VALUES('7052c57486f90d31841bc4ead3337510','provider_unavailable','The image provider is not available: it answered ''400 invalid_value''. Try again later.','2026-11-26 01:13:48.522000','2026-11-26 01:13:48.522000');
INSERT INTO "refusals" VALUES('k7a0aced8ef1dc3818615fd0b8e6fc63','provider_unavailable','The image provider is not available: it answered ''RemoteProtocolError''. Try again later.','2026-11-26 01:13:48.623000','2026-11-27 01:13:48.623000');
CREATE TABLE renditions (
	original VARCHAR(64) NOT NULL, 
	format VARCHAR(8) NOT NULL, 
	size SMALLINT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_renditions PRIMARY KEY (original, format, size), 
	CONSTRAINT fk_renditions_digest FOREIGN KEY(digest) REFERENCES images (digest), 
	CONSTRAINT fk_renditions_original FOREIGN KEY(original) REFERENCES images (digest)
);
INSERT INTO "renditions" VALUES('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4','webp',256,'68c31ecb38d0bd60c4c7f1e5182fa1c4efd802995959060983032a50f981407c','2026-11-26 01:13:34.976000');
INSERT INTO "renditions" VALUES('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4','jpeg',64,'41b863d172ac51abdc44dc7baebb3f7e6e234216331f18cfd231e3fab5479d77','2026-11-26 01:13:35.323000');
INSERT INTO "renditions" VALUES('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4','avif',32,'5b7b5bb65131249d673a267d24e93dd317206555434880d9e2023f4502ec084e','2026-11-26 01:13:35.545000');
INSERT INTO "renditions" VALUES('1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1','webp',256,'18d07fcce501bffe5f7ae52530ed01e9e183c8a709db5612584d97aae178f1fa','2026-11-26 01:13:36.417000');
INSERT INTO "renditions" VALUES('62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63','webp',256,'b5680f8eee9bfa45d3b83294f3dfd684eed679e49defb69793661bdfa3222f42','2026-11-26 01:13:37.814000');
INSERT INTO "renditions" VALUES('627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf','webp',256,'8bcf82b0b55093da95bccd25fa516222a042b8e41337b02cfc97d92d9449bd62','2026-11-26 01:13:38.361000');
INSERT INTO "renditions" VALUES('e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be','webp',256,'f6bc6838faefff14598135077792fa13d6492b65454fbcb32938a140c962bf34','2026-11-26 01:13:39.126000');
INSERT INTO "renditions" VALUES('a3a87dc72fd65be2c591d67e081ed5fcbc306575b8512b4fe559ba6024158308','webp',256,'479530ffa278c51b445dd0b920026e525a6599edf6ebc6465cf5f7223cb7ae12','2026-11-26 01:13:39.730000');
INSERT INTO "renditions" VALUES('f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5','webp',64,'9ca20aae0ffd83a6cbad3173f7b3098b9d1b7c54807d403310d9cc6397df87f0','2026-11-26 01:13:46.980000');
INSERT INTO "renditions" VALUES('1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168','webp',256,'624b33e5030ec6def0b1fe96448b0bed82b7bd307452f10c7662326fc956ca7b','2026-11-26 01:13:47.280000');
INSERT INTO "renditions" VALUES('b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa','webp',256,'a3059c4cd48026ca79a138d70c87326e5b9f8084e482dd8d948dbd24f9cf4fe0','2026-11-26 01:13:47.831000');
INSERT INTO "renditions" VALUES('e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c','webp',256,'593db22b153b9afe131cf38c6817e4db1e3539e69b73471a455504e0397970fa','2026-11-26 01:13:48.099000');
INSERT INTO "renditions" VALUES('c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c','webp',256,'1002ffb6d760af5ff573d88cd6704c52f3c57c4a94a3f80adc8e405e93752033','2026-11-26 01:14:17.706000');
INSERT INTO "renditions" VALUES('838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef','webp',128,'c4ee1ba2515579c8dc3d0135204da99b403885bcdcda5b4fd3de4961a2fb1307','2026-11-26 01:14:27.737000');
INSERT INTO "renditions" VALUES('4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991','webp',128,'33b2f596fa82c3451f13c4b40ac44405526b6118d392ff05a06a78bdaf14bfb8','2026-11-26 01:14:28.332000');
CREATE INDEX ix_idempotency_keys_expires_at ON idempotency_keys (expires_at);
CREATE INDEX ix_paid_calls_state ON paid_calls (state, reserved_at);
CREATE INDEX ix_avatars_created_at ON avatars (created_at);
CREATE INDEX ix_avatars_digest ON avatars (digest);
CREATE INDEX ix_descriptions_drawn_at ON descriptions (drawn_at);
CREATE INDEX ix_gone_generation ON gone (generation);
CREATE INDEX ix_renditions_digest ON renditions (digest);
COMMIT;
