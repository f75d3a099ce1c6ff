SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.api_keys (
    name character varying(40) NOT NULL,
    hash character varying(64) NOT NULL,
    daily_micro_usd bigint,
    monthly_micro_usd bigint,
    per_minute integer,
    origins text NOT NULL,
    created_at timestamp without time zone NOT NULL,
    revoked_at timestamp without time zone
);
CREATE TABLE public.avatars (
    image_hash character varying(32) NOT NULL,
    digest character varying(64) NOT NULL,
    mood character varying(16) NOT NULL,
    head_shape character varying(16),
    skin_tone character varying(16),
    smile_type character varying(16),
    nose_type character varying(16),
    eye_color character varying(16),
    glasses boolean NOT NULL,
    variant smallint NOT NULL,
    edition character varying(50) NOT NULL,
    artist character varying(16) NOT NULL,
    prompt text NOT NULL,
    prompt_version integer NOT NULL,
    provider character varying(32) NOT NULL,
    model character varying(100) NOT NULL,
    quality character varying(20) NOT NULL,
    cost_micro_usd bigint NOT NULL,
    created_at timestamp without time zone NOT NULL
);
CREATE TABLE public.avatars_schema_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.budgets (
    name character varying(64) NOT NULL,
    reserved_micro_usd bigint NOT NULL,
    spent_micro_usd bigint NOT NULL
);
CREATE TABLE public.claims (
    subject character varying(32) NOT NULL,
    owner character varying(100) NOT NULL,
    fence character varying(32) NOT NULL,
    expires_at timestamp without time zone NOT NULL
);
CREATE TABLE public.descriptions (
    digest character varying(64) NOT NULL,
    drawn_at timestamp without time zone NOT NULL
);
CREATE TABLE public.generation (
    id integer NOT NULL,
    number bigint NOT NULL
);
CREATE TABLE public.gone (
    digest character varying(64) NOT NULL,
    generation bigint NOT NULL,
    gone_at timestamp without time zone NOT NULL
);
CREATE TABLE public.hourly_sums (
    hour timestamp without time zone NOT NULL,
    hits bigint NOT NULL,
    misses bigint NOT NULL,
    stand_ins bigint NOT NULL,
    saved_micro_usd bigint NOT NULL
);
CREATE TABLE public.idempotency_keys (
    subject character varying(32) NOT NULL,
    body_hash character varying(64) NOT NULL,
    answer text NOT NULL,
    expires_at timestamp without time zone NOT NULL
);
CREATE TABLE public.images (
    digest character varying(64) NOT NULL,
    format character varying(8) NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    data bytea,
    created_at timestamp without time zone NOT NULL
);
CREATE TABLE public.paid_calls (
    id character varying(32) NOT NULL,
    subject character varying(32),
    provider character varying(32) NOT NULL,
    model character varying(100) NOT NULL,
    state character varying(10) NOT NULL,
    bound_micro_usd bigint NOT NULL,
    cost_micro_usd bigint NOT NULL,
    day character varying(16) NOT NULL,
    month character varying(16) NOT NULL,
    request_id character varying(200),
    outcome character varying(50),
    duration_ms integer,
    reserved_at timestamp without time zone NOT NULL,
    ended_at timestamp without time zone,
    payer character varying(40)
);
CREATE TABLE public.refusals (
    subject character varying(32) NOT NULL,
    code character varying(50) NOT NULL,
    reason character varying(200) NOT NULL,
    refused_at timestamp without time zone NOT NULL,
    ends_at timestamp without time zone NOT NULL
);
CREATE TABLE public.renditions (
    original character varying(64) NOT NULL,
    format character varying(8) NOT NULL,
    size smallint NOT NULL,
    digest character varying(64) NOT NULL,
    created_at timestamp without time zone NOT NULL
);
INSERT INTO public.api_keys VALUES ('website', 'a0f592f40c45a717f65b5a48e0878b70e2703f74c1627e937365d0bfd560019f', 1000000, 10000000, 600, '', '2026-11-26 01:15:08.199426', NULL);
INSERT INTO public.api_keys VALUES ('page', 'c432731372c233f0c3b57e01a89d9d79e83fb2f7fbe4bedba154eb24ebf2e38a', NULL, NULL, NULL, 'https://shop.example', '2026-11-26 01:15:15.536042', NULL);
INSERT INTO public.api_keys VALUES ('gravatar', '84dd7c87f4cdf31cdaa26670bef11d573a2d4e519f49933c5d367c628899621c', NULL, NULL, NULL, '', '2026-11-26 01:15:22.458716', NULL);
INSERT INTO public.api_keys VALUES ('former', '4d92f3d8bfd11580a50ac2c9dd93236d25a993dbc617d6f9be0986714a97e314', NULL, NULL, NULL, '', '2026-11-26 01:15:32.382544', '2026-11-26 01:16:21.636749');
INSERT INTO public.avatars VALUES ('c6f29ac1c0089ee10c10567a81e0ffbf', 'aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4', 'fun', NULL, NULL, NULL, NULL, NULL, false, 0, '1', 'model', 'Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour.', 2, 'openai', 'gpt-image-2.5-flare', 'low', 6505, '2026-11-26 01:15:41.437825');
INSERT INTO public.avatars VALUES ('037332244527bf34823d0f9efc2ec4bb', '1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1', 'official', 'oval', 'fair', 'closed-lip', 'button', 'blue', true, 0, '1', 'model', 'Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; fair, light skin; blue eyes; a small, round button nose; and a gentle smile with the lips closed. The person wears glasses with clear lenses.', 2, 'openai', 'gpt-image-2.5-flare', 'low', 6785, '2026-11-26 01:15:43.592962');
INSERT INTO public.avatars VALUES ('0098c2feaa53f1cc090555a40091cfe1', '62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63', 'fun', NULL, 'dark', NULL, NULL, NULL, false, 7, '1', 'model', 'Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. The person has dark, deep brown skin. This is person number 8 of this description: make up another, in the same style.', 2, 'openai', 'gpt-image-2.5-flare', 'low', 6650, '2026-11-26 01:15:44.485618');
INSERT INTO public.avatars VALUES ('442da0e32e75115e202384f68610e189', '627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf', 'fun', NULL, NULL, 'teeth-baring', NULL, 'grey', false, 0, '1', 'model', 'Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. The person has pale grey eyes; and a broad grin that bares both rows of teeth.', 2, 'openai', 'gpt-image-2.5-flare', 'low', 6600, '2026-11-26 01:15:45.215287');
INSERT INTO public.avatars VALUES ('9618353c09d7e968d7bd8a302d3a9ceb', 'e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be', 'fun', NULL, NULL, NULL, 'snub', NULL, false, 0, '1', 'model', 'Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. The person has a short snub nose with a slightly upturned, rounded tip.', 2, 'openai', 'gpt-image-2.5-flare', 'low', 6595, '2026-11-26 01:15:46.175975');
INSERT INTO public.avatars VALUES ('5593c14e0e4c41d7fef5694443423340', 'f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5', 'official', 'oval', 'medium', 'full', 'roman', 'amber', true, 0, '1', 'model', 'Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; medium, tan to olive skin; amber, golden-yellow eyes; a Roman nose: a strong, high bridge with a gentle outward curve, seen from the front; and a full, laughing smile with the mouth open. The person wears glasses with clear lenses.', 2, 'openai', 'gpt-image-2.5-flare', 'low', 6900, '2026-11-26 01:15:54.482347');
INSERT INTO public.avatars VALUES ('0c4aa044ced75b25ace9e0dc2080935f', 'c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c', 'official', 'heart', NULL, NULL, NULL, NULL, false, 0, '1', 'model', 'Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has a heart-shaped face, wide at the forehead and narrowing to a small pointed chin.', 2, 'openai', 'gpt-image-2.5-flare', 'low', 6625, '2026-11-26 01:16:15.000356');
INSERT INTO public.avatars VALUES ('8876e7f4577a899073c2c1b791a5c72a', '838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef', 'official', 'oval', 'fair', 'closed-lip', 'button', 'blue', true, 0, '1', 'local', 'Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; fair, light skin; blue eyes; a small, round button nose; and a gentle smile with the lips closed. The person wears glasses with clear lenses.', 2, 'local', 'local-artist-7', 'vector', 0, '2026-11-26 01:16:38.710346');
INSERT INTO public.avatars VALUES ('528cd05c135c3fe3da3f332d7f14c786', '4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991', 'fun', NULL, NULL, NULL, NULL, NULL, false, 3, '1', 'local', 'Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. This is person number 4 of this description: make up another, in the same style.', 2, 'local', 'local-artist-7', 'vector', 0, '2026-11-26 01:16:40.296733');
INSERT INTO public.avatars_schema_version VALUES ('0003');
INSERT INTO public.budgets VALUES ('2026-11/website', 0, 25245);
INSERT INTO public.budgets VALUES ('2026-11-26/website', 0, 25245);
INSERT INTO public.budgets VALUES ('2026-11/gravatar', 0, 6650);
INSERT INTO public.budgets VALUES ('2026-11-26/gravatar', 0, 6650);
INSERT INTO public.budgets VALUES ('2026-11', 17805, 96950);
INSERT INTO public.budgets VALUES ('2026-11-26', 17805, 96950);
INSERT INTO public.budgets VALUES ('2026-11/shop', 17805, 44930);
INSERT INTO public.budgets VALUES ('2026-11/page', 0, 6600);
INSERT INTO public.budgets VALUES ('2026-11-26/page', 0, 6600);
INSERT INTO public.budgets VALUES ('2026-11-26/shop', 17805, 44930);
INSERT INTO public.claims VALUES ('0d39b8079ddbb394b5bb71115fd486e6', 'host-of-yesterday-27107-78fe37ed', '7cf523dab4b4b057dcea2a9a2fab8501', '2026-11-26 01:16:58.056901');
INSERT INTO public.claims VALUES ('bea6a62e44747cd24351508427c7a740', 'host-of-yesterday-27107-78fe37ed', 'dcf0292d3b3ef9b9f6e6d2d1fe3c8428', '2026-11-26 01:16:58.056901');
INSERT INTO public.descriptions VALUES ('1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168', '2026-11-26 01:15:54.853516');
INSERT INTO public.descriptions VALUES ('b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa', '2026-11-26 01:15:55.789128');
INSERT INTO public.generation VALUES (1, 2);
INSERT INTO public.gone VALUES ('254d9e854f20b9fa0150476301768b149dfed540e67337aee44570b3b376f5d8', 1, '2026-11-26 01:16:05.93792');
INSERT INTO public.gone VALUES ('4b0d360705c9db8f88d146076d979beb2550c6bb59c9adb52dedb7ee6332d2c6', 1, '2026-11-26 01:16:05.93792');
INSERT INTO public.gone VALUES ('8413659d8c91a3b31a6893e5546cd4993e300cb8326e95d0d67b06347726b756', 1, '2026-11-26 01:16:05.93792');
INSERT INTO public.gone VALUES ('bb56ddfb01b3c0ebb6c0d5363685435e5177eae75c24171c607ff089e5f77cb6', 1, '2026-11-26 01:16:05.93792');
INSERT INTO public.hourly_sums VALUES ('2026-11-26 01:00:00', 10, 12, 2, 52985);
INSERT INTO public.idempotency_keys VALUES ('k89ab4976342fe4e84077c5079e5271f', '670090d063c40ba781b38ff5efd90708e9e04f08b146db813356ed5fc322de3d', '{"image_hash":"","prompt":"an astronaut; her name is \"Zoë\" \\ ''O''''Hara''","picture":{"digest":"b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa","format":"png"},"features":null,"cache_hit":false,"cost":5930,"saved":0,"ready_in":null,"reason":null}', '2026-11-27 01:15:55.790415');
INSERT INTO public.idempotency_keys VALUES ('k2a4e75bc120d8d15931c07799925382', 'b9d37a6d4a7f5d2b299f7303be34b26fd70aa7c3c582a79241c3aba75f979c03', '{"image_hash":"037332244527bf34823d0f9efc2ec4bb","prompt":"Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; fair, light skin; blue eyes; a small, round button nose; and a gentle smile with the lips closed. The person wears glasses with clear lenses.","picture":{"digest":"e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c","format":"png"},"features":null,"cache_hit":false,"cost":6785,"saved":0,"ready_in":null,"reason":null}', '2026-11-27 01:15:56.306047');
INSERT INTO public.images VALUES ('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4', 'png', 1024, 1024, '\x{{aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4}}', '2026-11-26 01:15:41.406003');
INSERT INTO public.images VALUES ('68c31ecb38d0bd60c4c7f1e5182fa1c4efd802995959060983032a50f981407c', 'webp', 256, 256, '\x{{68c31ecb38d0bd60c4c7f1e5182fa1c4efd802995959060983032a50f981407c}}', '2026-11-26 01:15:42.792362');
INSERT INTO public.images VALUES ('41b863d172ac51abdc44dc7baebb3f7e6e234216331f18cfd231e3fab5479d77', 'jpeg', 64, 64, '\x{{41b863d172ac51abdc44dc7baebb3f7e6e234216331f18cfd231e3fab5479d77}}', '2026-11-26 01:15:43.095001');
INSERT INTO public.images VALUES ('5b7b5bb65131249d673a267d24e93dd317206555434880d9e2023f4502ec084e', 'avif', 32, 32, '\x{{5b7b5bb65131249d673a267d24e93dd317206555434880d9e2023f4502ec084e}}', '2026-11-26 01:15:43.341872');
INSERT INTO public.images VALUES ('1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1', 'png', 1024, 1024, '\x{{1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1}}', '2026-11-26 01:15:43.587879');
INSERT INTO public.images VALUES ('18d07fcce501bffe5f7ae52530ed01e9e183c8a709db5612584d97aae178f1fa', 'webp', 256, 256, '\x{{18d07fcce501bffe5f7ae52530ed01e9e183c8a709db5612584d97aae178f1fa}}', '2026-11-26 01:15:44.040686');
INSERT INTO public.images VALUES ('62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63', 'png', 1024, 1024, '\x{{62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63}}', '2026-11-26 01:15:44.455449');
INSERT INTO public.images VALUES ('b5680f8eee9bfa45d3b83294f3dfd684eed679e49defb69793661bdfa3222f42', 'webp', 256, 256, '\x{{b5680f8eee9bfa45d3b83294f3dfd684eed679e49defb69793661bdfa3222f42}}', '2026-11-26 01:15:44.823298');
INSERT INTO public.images VALUES ('627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf', 'png', 1024, 1024, '\x{{627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf}}', '2026-11-26 01:15:45.196448');
INSERT INTO public.images VALUES ('8bcf82b0b55093da95bccd25fa516222a042b8e41337b02cfc97d92d9449bd62', 'webp', 256, 256, '\x{{8bcf82b0b55093da95bccd25fa516222a042b8e41337b02cfc97d92d9449bd62}}', '2026-11-26 01:15:45.58878');
INSERT INTO public.images VALUES ('e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be', 'png', 1024, 1024, '\x{{e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be}}', '2026-11-26 01:15:46.14732');
INSERT INTO public.images VALUES ('f6bc6838faefff14598135077792fa13d6492b65454fbcb32938a140c962bf34', 'webp', 256, 256, '\x{{f6bc6838faefff14598135077792fa13d6492b65454fbcb32938a140c962bf34}}', '2026-11-26 01:15:46.530125');
INSERT INTO public.images VALUES ('a3a87dc72fd65be2c591d67e081ed5fcbc306575b8512b4fe559ba6024158308', 'png', 1024, 1024, '\x{{a3a87dc72fd65be2c591d67e081ed5fcbc306575b8512b4fe559ba6024158308}}', '2026-11-26 01:15:46.946249');
INSERT INTO public.images VALUES ('479530ffa278c51b445dd0b920026e525a6599edf6ebc6465cf5f7223cb7ae12', 'webp', 256, 256, '\x{{479530ffa278c51b445dd0b920026e525a6599edf6ebc6465cf5f7223cb7ae12}}', '2026-11-26 01:15:47.360812');
INSERT INTO public.images VALUES ('f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5', 'png', 1024, 1024, '\x{{f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5}}', '2026-11-26 01:15:54.476099');
INSERT INTO public.images VALUES ('9ca20aae0ffd83a6cbad3173f7b3098b9d1b7c54807d403310d9cc6397df87f0', 'webp', 64, 64, '\x{{9ca20aae0ffd83a6cbad3173f7b3098b9d1b7c54807d403310d9cc6397df87f0}}', '2026-11-26 01:15:54.643672');
INSERT INTO public.images VALUES ('1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168', 'png', 1024, 1024, '\x{{1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168}}', '2026-11-26 01:15:54.835985');
INSERT INTO public.images VALUES ('624b33e5030ec6def0b1fe96448b0bed82b7bd307452f10c7662326fc956ca7b', 'webp', 256, 256, '\x{{624b33e5030ec6def0b1fe96448b0bed82b7bd307452f10c7662326fc956ca7b}}', '2026-11-26 01:15:55.041151');
INSERT INTO public.images VALUES ('b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa', 'png', 1024, 1024, '\x{{b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa}}', '2026-11-26 01:15:55.782018');
INSERT INTO public.images VALUES ('a3059c4cd48026ca79a138d70c87326e5b9f8084e482dd8d948dbd24f9cf4fe0', 'webp', 256, 256, '\x{{a3059c4cd48026ca79a138d70c87326e5b9f8084e482dd8d948dbd24f9cf4fe0}}', '2026-11-26 01:15:55.987247');
INSERT INTO public.images VALUES ('e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c', 'png', 1024, 1024, '\x{{e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c}}', '2026-11-26 01:15:56.283432');
INSERT INTO public.images VALUES ('593db22b153b9afe131cf38c6817e4db1e3539e69b73471a455504e0397970fa', 'webp', 256, 256, '\x{{593db22b153b9afe131cf38c6817e4db1e3539e69b73471a455504e0397970fa}}', '2026-11-26 01:15:56.566759');
INSERT INTO public.images VALUES ('c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c', 'png', 1024, 1024, '\x{{c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c}}', '2026-11-26 01:16:14.975768');
INSERT INTO public.images VALUES ('1002ffb6d760af5ff573d88cd6704c52f3c57c4a94a3f80adc8e405e93752033', 'webp', 256, 256, '\x{{1002ffb6d760af5ff573d88cd6704c52f3c57c4a94a3f80adc8e405e93752033}}', '2026-11-26 01:16:29.166736');
INSERT INTO public.images VALUES ('838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef', 'svg', 512, 512, '\x{{838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef}}', '2026-11-26 01:16:38.703329');
INSERT INTO public.images VALUES ('c4ee1ba2515579c8dc3d0135204da99b403885bcdcda5b4fd3de4961a2fb1307', 'webp', 128, 128, '\x{{c4ee1ba2515579c8dc3d0135204da99b403885bcdcda5b4fd3de4961a2fb1307}}', '2026-11-26 01:16:39.913848');
INSERT INTO public.images VALUES ('4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991', 'svg', 512, 512, '\x{{4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991}}', '2026-11-26 01:16:40.280525');
INSERT INTO public.images VALUES ('33b2f596fa82c3451f13c4b40ac44405526b6118d392ff05a06a78bdaf14bfb8', 'webp', 128, 128, '\x{{33b2f596fa82c3451f13c4b40ac44405526b6118d392ff05a06a78bdaf14bfb8}}', '2026-11-26 01:16:40.511671');
INSERT INTO public.paid_calls VALUES ('aec943a8798c44f595f6e7bb2d371603', 'c6f29ac1c0089ee10c10567a81e0ffbf', 'openai', 'gpt-image-2.5-flare', 'settled', 8400, 6505, '2026-11-26', '2026-11', 'req_1', 'drawn', 1036, '2026-11-26 01:15:40.044799', '2026-11-26 01:15:41.483446', 'shop');
INSERT INTO public.paid_calls VALUES ('497c03329d394fbb805ec3eb652f6cbe', '037332244527bf34823d0f9efc2ec4bb', 'openai', 'gpt-image-2.5-flare', 'settled', 9530, 6785, '2026-11-26', '2026-11', 'req_2', 'drawn', 22, '2026-11-26 01:15:43.52429', '2026-11-26 01:15:43.609794', 'website');
INSERT INTO public.paid_calls VALUES ('ca1533fe12dd45cd978d01a009729855', '0098c2feaa53f1cc090555a40091cfe1', 'openai', 'gpt-image-2.5-flare', 'settled', 8995, 6650, '2026-11-26', '2026-11', 'req_3', 'drawn', 13, '2026-11-26 01:15:44.427752', '2026-11-26 01:15:44.4987', 'gravatar');
INSERT INTO public.paid_calls VALUES ('df96103ed35f4983917399438bb635a6', '442da0e32e75115e202384f68610e189', 'openai', 'gpt-image-2.5-flare', 'settled', 8795, 6600, '2026-11-26', '2026-11', 'req_4', 'drawn', 21, '2026-11-26 01:15:45.147312', '2026-11-26 01:15:45.221854', 'page');
INSERT INTO public.paid_calls VALUES ('b35ffcb961234b1ea6b8aad5b225b038', '9618353c09d7e968d7bd8a302d3a9ceb', 'openai', 'gpt-image-2.5-flare', 'released', 8760, 0, '2026-11-26', '2026-11', 'req_5', '429 rate_limit_exceeded', 17, '2026-11-26 01:15:45.818893', '2026-11-26 01:15:45.869349', 'website');
INSERT INTO public.paid_calls VALUES ('1e45f0f62bd54a8c811e59d3b2cfbc1e', '9618353c09d7e968d7bd8a302d3a9ceb', 'openai', 'gpt-image-2.5-flare', 'settled', 8760, 6595, '2026-11-26', '2026-11', 'req_6', 'drawn', 16, '2026-11-26 01:15:46.109679', '2026-11-26 01:15:46.196552', 'website');
INSERT INTO public.paid_calls VALUES ('cc9d39f263934b159eadf2122643c31e', '0c4aa044ced75b25ace9e0dc2080935f', 'openai', 'gpt-image-2.5-flare', 'settled', 8885, 6625, '2026-11-26', '2026-11', 'req_7', 'drawn', 13, '2026-11-26 01:15:46.916586', '2026-11-26 01:15:46.962909', 'shop');
INSERT INTO public.paid_calls VALUES ('81c40b9e0d4f4eb7962018573f5dc2b4', '81d9c1d6dfc3d0ff9249ae574bc7f73a', 'openai', 'gpt-image-2.5-flare', 'settled', 8790, 6600, '2026-11-26', '2026-11', 'req_8', 'drawn', 6, '2026-11-26 01:15:47.584261', '2026-11-26 01:15:47.687171', 'shop');
INSERT INTO public.paid_calls VALUES ('d093676786cc459d89d120bc8be0932e', '5593c14e0e4c41d7fef5694443423340', 'openai', 'gpt-image-2.5-flare', 'settled', 9980, 6900, '2026-11-26', '2026-11', 'req_9', 'drawn', 14, '2026-11-26 01:15:54.452422', '2026-11-26 01:15:54.488747', NULL);
INSERT INTO public.paid_calls VALUES ('b26906f2dd474da1bf371cdec255dbee', NULL, 'openai', 'gpt-image-2.5-flare', 'settled', 6010, 5905, '2026-11-26', '2026-11', 'req_10', 'drawn', 16, '2026-11-26 01:15:54.809561', '2026-11-26 01:15:54.856804', 'shop');
INSERT INTO public.paid_calls VALUES ('fec9c5a2dd5b4879a1c25e3934c504a3', NULL, 'openai', 'gpt-image-2.5-flare', 'settled', 6070, 5920, '2026-11-26', '2026-11', 'req_11', 'drawn', 4, '2026-11-26 01:15:55.260704', '2026-11-26 01:15:55.331851', 'shop');
INSERT INTO public.paid_calls VALUES ('e9b7584c31c64a0d924ccdff21fa4d3e', 'k89ab4976342fe4e84077c5079e5271f', 'openai', 'gpt-image-2.5-flare', 'settled', 6120, 5930, '2026-11-26', '2026-11', 'req_12', 'drawn', 8, '2026-11-26 01:15:55.757559', '2026-11-26 01:15:55.792518', 'website');
INSERT INTO public.paid_calls VALUES ('c4a6f7e7e7fa4a7f8b861d3d7ae0cebc', 'k2a4e75bc120d8d15931c07799925382', 'openai', 'gpt-image-2.5-flare', 'settled', 9530, 6785, '2026-11-26', '2026-11', 'req_13', 'drawn', 10, '2026-11-26 01:15:56.231906', '2026-11-26 01:15:56.321271', 'shop');
INSERT INTO public.paid_calls VALUES ('efed51dc331440e5bcf77337f340d9a8', '1aedc26550f982c1020b384c90d1b8d8', 'openai', 'gpt-image-2.5-flare', 'released', 8935, 0, '2026-11-26', '2026-11', 'req_14', '400 moderation_blocked', 8, '2026-11-26 01:15:56.88822', '2026-11-26 01:15:56.924006', 'shop');
INSERT INTO public.paid_calls VALUES ('28d3e0c6b73642cea26e3cd6bfeefbd4', 'c7cfe3954e6a623ab86ccf874a2581d2', 'openai', 'gpt-image-2.5-flare', 'settled', 8750, 6590, '2026-11-26', '2026-11', 'req_15', 'no_picture', 175, '2026-11-26 01:15:57.110559', '2026-11-26 01:15:57.318947', 'shop');
INSERT INTO public.paid_calls VALUES ('1c6fe0a600a748afa10c45169680c565', '7052c57486f90d31841bc4ead3337510', 'openai', 'gpt-image-2.5-flare', 'released', 8610, 0, '2026-11-26', '2026-11', 'req_16', '400 invalid_value', 18, '2026-11-26 01:15:57.572863', '2026-11-26 01:15:57.621239', 'shop');
INSERT INTO public.paid_calls VALUES ('b524ebda24ee42fb86ae30e0d57c9552', 'k7a0aced8ef1dc3818615fd0b8e6fc63', 'openai', 'gpt-image-2.5-flare', 'unknown', 5935, 5935, '2026-11-26', '2026-11', NULL, 'RemoteProtocolError', 12, '2026-11-26 01:15:57.855987', '2026-11-26 01:15:57.888577', 'website');
INSERT INTO public.paid_calls VALUES ('bdaa8bd982244a62bd3bfcf41ab2b56f', 'rc4aa044ced75b25ace9e0dc2080935f', 'openai', 'gpt-image-2.5-flare', 'settled', 8885, 6625, '2026-11-26', '2026-11', 'req_17', 'drawn', 1911, '2026-11-26 01:16:12.984427', '2026-11-26 01:16:15.020025', NULL);
INSERT INTO public.paid_calls VALUES ('926d8057515e47cc8d2d50c4d177de7e', '0d39b8079ddbb394b5bb71115fd486e6', 'openai', 'gpt-image-2.5-flare', 'reserved', 8745, 0, '2026-11-26', '2026-11', NULL, NULL, NULL, '2026-11-26 01:16:48.469624', NULL, 'shop');
INSERT INTO public.paid_calls VALUES ('a59b6f0d6aee49338a89dacc1f6985df', 'bea6a62e44747cd24351508427c7a740', 'openai', 'gpt-image-2.5-flare', 'reserved', 9060, 0, '2026-11-26', '2026-11', NULL, NULL, NULL, '2026-11-26 01:16:49.700724', NULL, 'shop');
INSERT INTO public.refusals VALUES ('1aedc26550f982c1020b384c90d1b8d8', 'refused', 'The image model refuses to draw this. Ask for something else.', '2026-11-26 01:15:56.936386', '2026-11-26 13:15:56.936386');
INSERT INTO public.refusals VALUES ('c7cfe3954e6a623ab86ccf874a2581d2', 'provider_bad_answer', 'The image provider''s answer cannot be used: it is no PNG, JPEG or WebP. Try again later.', '2026-11-26 01:15:57.3537', '2026-11-26 13:15:57.3537');
INSERT INTO public.refusals VALUES ('7052c57486f90d31841bc4ead3337510', 'provider_unavailable', 'The image provider is not available: it answered ''400 invalid_value''. Try again later.', '2026-11-26 01:15:57.652846', '2026-11-26 01:15:57.652846');
INSERT INTO public.refusals VALUES ('k7a0aced8ef1dc3818615fd0b8e6fc63', 'provider_unavailable', 'The image provider is not available: it answered ''RemoteProtocolError''. Try again later.', '2026-11-26 01:15:57.924743', '2026-11-27 01:15:57.924743');
INSERT INTO public.renditions VALUES ('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4', 'webp', 256, '68c31ecb38d0bd60c4c7f1e5182fa1c4efd802995959060983032a50f981407c', '2026-11-26 01:15:42.806042');
INSERT INTO public.renditions VALUES ('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4', 'jpeg', 64, '41b863d172ac51abdc44dc7baebb3f7e6e234216331f18cfd231e3fab5479d77', '2026-11-26 01:15:43.105443');
INSERT INTO public.renditions VALUES ('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4', 'avif', 32, '5b7b5bb65131249d673a267d24e93dd317206555434880d9e2023f4502ec084e', '2026-11-26 01:15:43.345819');
INSERT INTO public.renditions VALUES ('1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1', 'webp', 256, '18d07fcce501bffe5f7ae52530ed01e9e183c8a709db5612584d97aae178f1fa', '2026-11-26 01:15:44.045059');
INSERT INTO public.renditions VALUES ('62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63', 'webp', 256, 'b5680f8eee9bfa45d3b83294f3dfd684eed679e49defb69793661bdfa3222f42', '2026-11-26 01:15:44.853552');
INSERT INTO public.renditions VALUES ('627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf', 'webp', 256, '8bcf82b0b55093da95bccd25fa516222a042b8e41337b02cfc97d92d9449bd62', '2026-11-26 01:15:45.605841');
INSERT INTO public.renditions VALUES ('e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be', 'webp', 256, 'f6bc6838faefff14598135077792fa13d6492b65454fbcb32938a140c962bf34', '2026-11-26 01:15:46.533872');
INSERT INTO public.renditions VALUES ('a3a87dc72fd65be2c591d67e081ed5fcbc306575b8512b4fe559ba6024158308', 'webp', 256, '479530ffa278c51b445dd0b920026e525a6599edf6ebc6465cf5f7223cb7ae12', '2026-11-26 01:15:47.363998');
INSERT INTO public.renditions VALUES ('f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5', 'webp', 64, '9ca20aae0ffd83a6cbad3173f7b3098b9d1b7c54807d403310d9cc6397df87f0', '2026-11-26 01:15:54.656623');
INSERT INTO public.renditions VALUES ('1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168', 'webp', 256, '624b33e5030ec6def0b1fe96448b0bed82b7bd307452f10c7662326fc956ca7b', '2026-11-26 01:15:55.05155');
INSERT INTO public.renditions VALUES ('b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa', 'webp', 256, 'a3059c4cd48026ca79a138d70c87326e5b9f8084e482dd8d948dbd24f9cf4fe0', '2026-11-26 01:15:56.007334');
INSERT INTO public.renditions VALUES ('e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c', 'webp', 256, '593db22b153b9afe131cf38c6817e4db1e3539e69b73471a455504e0397970fa', '2026-11-26 01:15:56.591921');
INSERT INTO public.renditions VALUES ('c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c', 'webp', 256, '1002ffb6d760af5ff573d88cd6704c52f3c57c4a94a3f80adc8e405e93752033', '2026-11-26 01:16:29.207331');
INSERT INTO public.renditions VALUES ('838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef', 'webp', 128, 'c4ee1ba2515579c8dc3d0135204da99b403885bcdcda5b4fd3de4961a2fb1307', '2026-11-26 01:16:39.952871');
INSERT INTO public.renditions VALUES ('4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991', 'webp', 128, '33b2f596fa82c3451f13c4b40ac44405526b6118d392ff05a06a78bdaf14bfb8', '2026-11-26 01:16:40.538535');
ALTER TABLE ONLY public.avatars_schema_version
    ADD CONSTRAINT avatars_schema_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT pk_api_keys PRIMARY KEY (name);
ALTER TABLE ONLY public.avatars
    ADD CONSTRAINT pk_avatars PRIMARY KEY (image_hash);
ALTER TABLE ONLY public.budgets
    ADD CONSTRAINT pk_budgets PRIMARY KEY (name);
ALTER TABLE ONLY public.claims
    ADD CONSTRAINT pk_claims PRIMARY KEY (subject);
ALTER TABLE ONLY public.descriptions
    ADD CONSTRAINT pk_descriptions PRIMARY KEY (digest);
ALTER TABLE ONLY public.generation
    ADD CONSTRAINT pk_generation PRIMARY KEY (id);
ALTER TABLE ONLY public.gone
    ADD CONSTRAINT pk_gone PRIMARY KEY (digest);
ALTER TABLE ONLY public.hourly_sums
    ADD CONSTRAINT pk_hourly_sums PRIMARY KEY (hour);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT pk_idempotency_keys PRIMARY KEY (subject);
ALTER TABLE ONLY public.images
    ADD CONSTRAINT pk_images PRIMARY KEY (digest);
ALTER TABLE ONLY public.paid_calls
    ADD CONSTRAINT pk_paid_calls PRIMARY KEY (id);
ALTER TABLE ONLY public.refusals
    ADD CONSTRAINT pk_refusals PRIMARY KEY (subject);
ALTER TABLE ONLY public.renditions
    ADD CONSTRAINT pk_renditions PRIMARY KEY (original, format, size);
CREATE INDEX ix_avatars_created_at ON public.avatars USING btree (created_at);
CREATE INDEX ix_avatars_digest ON public.avatars USING btree (digest);
CREATE INDEX ix_descriptions_drawn_at ON public.descriptions USING btree (drawn_at);
CREATE INDEX ix_gone_generation ON public.gone USING btree (generation);
CREATE INDEX ix_idempotency_keys_expires_at ON public.idempotency_keys USING btree (expires_at);
CREATE INDEX ix_paid_calls_state ON public.paid_calls USING btree (state, reserved_at);
CREATE INDEX ix_renditions_digest ON public.renditions USING btree (digest);
ALTER TABLE ONLY public.avatars
    ADD CONSTRAINT fk_avatars_digest FOREIGN KEY (digest) REFERENCES public.images(digest);
ALTER TABLE ONLY public.renditions
    ADD CONSTRAINT fk_renditions_digest FOREIGN KEY (digest) REFERENCES public.images(digest);
ALTER TABLE ONLY public.renditions
    ADD CONSTRAINT fk_renditions_original FOREIGN KEY (original) REFERENCES public.images(digest);
