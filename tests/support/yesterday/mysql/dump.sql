/*M!999999\- enable the sandbox mode */ 
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `api_keys` (
  `name` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `hash` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `daily_micro_usd` bigint(20) DEFAULT NULL,
  `monthly_micro_usd` bigint(20) DEFAULT NULL,
  `per_minute` int(11) DEFAULT NULL,
  `origins` text NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `revoked_at` datetime(6) DEFAULT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `api_keys` WRITE;
/*!40000 ALTER TABLE `api_keys` DISABLE KEYS */;
INSERT INTO `api_keys` VALUES ('former','4d92f3d8bfd11580a50ac2c9dd93236d25a993dbc617d6f9be0986714a97e314',NULL,NULL,NULL,'','2026-11-26 01:17:23.127688','2026-11-26 01:18:42.996745');
INSERT INTO `api_keys` VALUES ('gravatar','84dd7c87f4cdf31cdaa26670bef11d573a2d4e519f49933c5d367c628899621c',NULL,NULL,NULL,'','2026-11-26 01:17:17.079365',NULL);
INSERT INTO `api_keys` VALUES ('page','c432731372c233f0c3b57e01a89d9d79e83fb2f7fbe4bedba154eb24ebf2e38a',NULL,NULL,NULL,'https://shop.example','2026-11-26 01:17:10.071608',NULL);
INSERT INTO `api_keys` VALUES ('website','a0f592f40c45a717f65b5a48e0878b70e2703f74c1627e937365d0bfd560019f',1000000,10000000,600,'','2026-11-26 01:17:03.705530',NULL);
/*!40000 ALTER TABLE `api_keys` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `avatars` (
  `image_hash` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `digest` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `mood` varchar(16) NOT NULL,
  `head_shape` varchar(16) DEFAULT NULL,
  `skin_tone` varchar(16) DEFAULT NULL,
  `smile_type` varchar(16) DEFAULT NULL,
  `nose_type` varchar(16) DEFAULT NULL,
  `eye_color` varchar(16) DEFAULT NULL,
  `glasses` tinyint(1) NOT NULL,
  `variant` smallint(6) NOT NULL,
  `edition` varchar(50) NOT NULL,
  `artist` varchar(16) NOT NULL,
  `prompt` text NOT NULL,
  `prompt_version` int(11) NOT NULL,
  `provider` varchar(32) NOT NULL,
  `model` varchar(100) NOT NULL,
  `quality` varchar(20) NOT NULL,
  `cost_micro_usd` bigint(20) NOT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`image_hash`),
  KEY `ix_avatars_created_at` (`created_at`),
  KEY `ix_avatars_digest` (`digest`),
  CONSTRAINT `fk_avatars_digest` FOREIGN KEY (`digest`) REFERENCES `images` (`digest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `avatars` WRITE;
/*!40000 ALTER TABLE `avatars` DISABLE KEYS */;
INSERT INTO `avatars` VALUES ('0098c2feaa53f1cc090555a40091cfe1','62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63','fun',NULL,'dark',NULL,NULL,NULL,0,7,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. The person has dark, deep brown skin. This is person number 8 of this description: make up another, in the same style.',2,'openai','gpt-image-2.5-flare','low',6650,'2026-11-26 01:17:38.347510');
INSERT INTO `avatars` VALUES ('037332244527bf34823d0f9efc2ec4bb','1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1','official','oval','fair','closed-lip','button','blue',1,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; fair, light skin; blue eyes; a small, round button nose; and a gentle smile with the lips closed. The person wears glasses with clear lenses.',2,'openai','gpt-image-2.5-flare','low',6785,'2026-11-26 01:17:37.117283');
INSERT INTO `avatars` VALUES ('0c4aa044ced75b25ace9e0dc2080935f','c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c','official','heart',NULL,NULL,NULL,NULL,0,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has a heart-shaped face, wide at the forehead and narrowing to a small pointed chin.',2,'openai','gpt-image-2.5-flare','low',6625,'2026-11-26 01:18:30.990107');
INSERT INTO `avatars` VALUES ('442da0e32e75115e202384f68610e189','627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf','fun',NULL,NULL,'teeth-baring',NULL,'grey',0,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. The person has pale grey eyes; and a broad grin that bares both rows of teeth.',2,'openai','gpt-image-2.5-flare','low',6600,'2026-11-26 01:17:39.603645');
INSERT INTO `avatars` VALUES ('528cd05c135c3fe3da3f332d7f14c786','4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991','fun',NULL,NULL,NULL,NULL,NULL,0,3,'1','local','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. This is person number 4 of this description: make up another, in the same style.',2,'local','local-artist-7','vector',0,'2026-11-26 01:19:07.389589');
INSERT INTO `avatars` VALUES ('5593c14e0e4c41d7fef5694443423340','f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5','official','oval','medium','full','roman','amber',1,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; medium, tan to olive skin; amber, golden-yellow eyes; a Roman nose: a strong, high bridge with a gentle outward curve, seen from the front; and a full, laughing smile with the mouth open. The person wears glasses with clear lenses.',2,'openai','gpt-image-2.5-flare','low',6900,'2026-11-26 01:17:53.370056');
INSERT INTO `avatars` VALUES ('8876e7f4577a899073c2c1b791a5c72a','838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef','official','oval','fair','closed-lip','button','blue',1,0,'1','local','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; fair, light skin; blue eyes; a small, round button nose; and a gentle smile with the lips closed. The person wears glasses with clear lenses.',2,'local','local-artist-7','vector',0,'2026-11-26 01:19:06.041116');
INSERT INTO `avatars` VALUES ('9618353c09d7e968d7bd8a302d3a9ceb','e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be','fun',NULL,NULL,NULL,'snub',NULL,0,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour. The person has a short snub nose with a slightly upturned, rounded tip.',2,'openai','gpt-image-2.5-flare','low',6595,'2026-11-26 01:17:41.034382');
INSERT INTO `avatars` VALUES ('c6f29ac1c0089ee10c10567a81e0ffbf','aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4','fun',NULL,NULL,NULL,NULL,NULL,0,0,'1','model','Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is playful: casual clothes and a plain, flat background in one bright, cheerful colour.',2,'openai','gpt-image-2.5-flare','low',6505,'2026-11-26 01:17:35.571901');
/*!40000 ALTER TABLE `avatars` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `avatars_schema_version` (
  `version_num` varchar(32) NOT NULL,
  PRIMARY KEY (`version_num`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `avatars_schema_version` WRITE;
/*!40000 ALTER TABLE `avatars_schema_version` DISABLE KEYS */;
INSERT INTO `avatars_schema_version` VALUES ('0003');
/*!40000 ALTER TABLE `avatars_schema_version` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `budgets` (
  `name` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `reserved_micro_usd` bigint(20) NOT NULL,
  `spent_micro_usd` bigint(20) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `budgets` WRITE;
/*!40000 ALTER TABLE `budgets` DISABLE KEYS */;
INSERT INTO `budgets` VALUES ('2026-11',17805,96950);
INSERT INTO `budgets` VALUES ('2026-11-26',17805,96950);
INSERT INTO `budgets` VALUES ('2026-11-26/gravatar',0,6650);
INSERT INTO `budgets` VALUES ('2026-11-26/page',0,6600);
INSERT INTO `budgets` VALUES ('2026-11-26/shop',17805,44930);
INSERT INTO `budgets` VALUES ('2026-11-26/website',0,25245);
INSERT INTO `budgets` VALUES ('2026-11/gravatar',0,6650);
INSERT INTO `budgets` VALUES ('2026-11/page',0,6600);
INSERT INTO `budgets` VALUES ('2026-11/shop',17805,44930);
INSERT INTO `budgets` VALUES ('2026-11/website',0,25245);
/*!40000 ALTER TABLE `budgets` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `claims` (
  `subject` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `owner` varchar(100) NOT NULL,
  `fence` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  PRIMARY KEY (`subject`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `claims` WRITE;
/*!40000 ALTER TABLE `claims` DISABLE KEYS */;
INSERT INTO `claims` VALUES ('0d39b8079ddbb394b5bb71115fd486e6','host-of-yesterday-29641-828f6001','0e36eae7bc956be0a0c85853882c8e90','2026-11-26 01:19:24.836133');
INSERT INTO `claims` VALUES ('bea6a62e44747cd24351508427c7a740','host-of-yesterday-29641-828f6001','d11c055a586dfe7573e838813d4fe197','2026-11-26 01:19:24.836133');
/*!40000 ALTER TABLE `claims` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `descriptions` (
  `digest` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `drawn_at` datetime(6) NOT NULL,
  PRIMARY KEY (`digest`),
  KEY `ix_descriptions_drawn_at` (`drawn_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `descriptions` WRITE;
/*!40000 ALTER TABLE `descriptions` DISABLE KEYS */;
INSERT INTO `descriptions` VALUES ('1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168','2026-11-26 01:17:54.267625');
INSERT INTO `descriptions` VALUES ('b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa','2026-11-26 01:17:56.312727');
/*!40000 ALTER TABLE `descriptions` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `generation` (
  `id` int(11) NOT NULL,
  `number` bigint(20) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `generation` WRITE;
/*!40000 ALTER TABLE `generation` DISABLE KEYS */;
INSERT INTO `generation` VALUES (1,2);
/*!40000 ALTER TABLE `generation` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `gone` (
  `digest` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `generation` bigint(20) NOT NULL,
  `gone_at` datetime(6) NOT NULL,
  PRIMARY KEY (`digest`),
  KEY `ix_gone_generation` (`generation`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `gone` WRITE;
/*!40000 ALTER TABLE `gone` DISABLE KEYS */;
INSERT INTO `gone` VALUES ('254d9e854f20b9fa0150476301768b149dfed540e67337aee44570b3b376f5d8',1,'2026-11-26 01:18:15.436570');
INSERT INTO `gone` VALUES ('4b0d360705c9db8f88d146076d979beb2550c6bb59c9adb52dedb7ee6332d2c6',1,'2026-11-26 01:18:15.436570');
INSERT INTO `gone` VALUES ('8413659d8c91a3b31a6893e5546cd4993e300cb8326e95d0d67b06347726b756',1,'2026-11-26 01:18:15.436570');
INSERT INTO `gone` VALUES ('bb56ddfb01b3c0ebb6c0d5363685435e5177eae75c24171c607ff089e5f77cb6',1,'2026-11-26 01:18:15.436570');
/*!40000 ALTER TABLE `gone` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `hourly_sums` (
  `hour` datetime(6) NOT NULL,
  `hits` bigint(20) NOT NULL,
  `misses` bigint(20) NOT NULL,
  `stand_ins` bigint(20) NOT NULL,
  `saved_micro_usd` bigint(20) NOT NULL,
  PRIMARY KEY (`hour`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `hourly_sums` WRITE;
/*!40000 ALTER TABLE `hourly_sums` DISABLE KEYS */;
INSERT INTO `hourly_sums` VALUES ('2026-11-26 01:00:00.000000',10,12,2,52985);
/*!40000 ALTER TABLE `hourly_sums` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `idempotency_keys` (
  `subject` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `body_hash` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `answer` text NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  PRIMARY KEY (`subject`),
  KEY `ix_idempotency_keys_expires_at` (`expires_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `idempotency_keys` WRITE;
/*!40000 ALTER TABLE `idempotency_keys` DISABLE KEYS */;
INSERT INTO `idempotency_keys` VALUES ('k2a4e75bc120d8d15931c07799925382','b9d37a6d4a7f5d2b299f7303be34b26fd70aa7c3c582a79241c3aba75f979c03','{\"image_hash\":\"037332244527bf34823d0f9efc2ec4bb\",\"prompt\":\"Flat vector avatar of one person, from a series in which every picture has the same style and framing: one head and shoulders, upright, centred, turned straight to the viewer, the head about half as high as the picture, the shoulders cut off by the lower edge. Simple clean shapes in a few solid colours, even soft light, an empty background. It has no text, no letters, no logo, no frame and no border. The mood is formal: business clothes and a plain, flat background in one pale, neutral grey-blue. The person has an oval face, a little longer than wide, with a softly rounded jaw; fair, light skin; blue eyes; a small, round button nose; and a gentle smile with the lips closed. The person wears glasses with clear lenses.\",\"picture\":{\"digest\":\"e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c\",\"format\":\"png\"},\"features\":null,\"cache_hit\":false,\"cost\":6785,\"saved\":0,\"ready_in\":null,\"reason\":null}','2026-11-27 01:17:57.367187');
INSERT INTO `idempotency_keys` VALUES ('k89ab4976342fe4e84077c5079e5271f','670090d063c40ba781b38ff5efd90708e9e04f08b146db813356ed5fc322de3d','{\"image_hash\":\"\",\"prompt\":\"an astronaut; her name is \\\"Zoë\\\" \\\\ \'O\'\'Hara\'\",\"picture\":{\"digest\":\"b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa\",\"format\":\"png\"},\"features\":null,\"cache_hit\":false,\"cost\":5930,\"saved\":0,\"ready_in\":null,\"reason\":null}','2026-11-27 01:17:56.334808');
/*!40000 ALTER TABLE `idempotency_keys` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `images` (
  `digest` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `format` varchar(8) NOT NULL,
  `width` int(11) NOT NULL,
  `height` int(11) NOT NULL,
  `data` mediumblob DEFAULT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`digest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `images` WRITE;
/*!40000 ALTER TABLE `images` DISABLE KEYS */;
INSERT INTO `images` VALUES ('1002ffb6d760af5ff573d88cd6704c52f3c57c4a94a3f80adc8e405e93752033','webp',256,256,0x{{1002ffb6d760af5ff573d88cd6704c52f3c57c4a94a3f80adc8e405e93752033}},'2026-11-26 01:18:56.927945');
INSERT INTO `images` VALUES ('18d07fcce501bffe5f7ae52530ed01e9e183c8a709db5612584d97aae178f1fa','webp',256,256,0x{{18d07fcce501bffe5f7ae52530ed01e9e183c8a709db5612584d97aae178f1fa}},'2026-11-26 01:17:37.771784');
INSERT INTO `images` VALUES ('1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1','png',1024,1024,0x{{1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1}},'2026-11-26 01:17:37.095966');
INSERT INTO `images` VALUES ('1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168','png',1024,1024,0x{{1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168}},'2026-11-26 01:17:54.239175');
INSERT INTO `images` VALUES ('33b2f596fa82c3451f13c4b40ac44405526b6118d392ff05a06a78bdaf14bfb8','webp',128,128,0x{{33b2f596fa82c3451f13c4b40ac44405526b6118d392ff05a06a78bdaf14bfb8}},'2026-11-26 01:19:07.634246');
INSERT INTO `images` VALUES ('41b863d172ac51abdc44dc7baebb3f7e6e234216331f18cfd231e3fab5479d77','jpeg',64,64,0x{{41b863d172ac51abdc44dc7baebb3f7e6e234216331f18cfd231e3fab5479d77}},'2026-11-26 01:17:36.716514');
INSERT INTO `images` VALUES ('479530ffa278c51b445dd0b920026e525a6599edf6ebc6465cf5f7223cb7ae12','webp',256,256,0x{{479530ffa278c51b445dd0b920026e525a6599edf6ebc6465cf5f7223cb7ae12}},'2026-11-26 01:17:42.543158');
INSERT INTO `images` VALUES ('4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991','svg',512,512,0x{{4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991}},'2026-11-26 01:19:07.348398');
INSERT INTO `images` VALUES ('593db22b153b9afe131cf38c6817e4db1e3539e69b73471a455504e0397970fa','webp',256,256,0x{{593db22b153b9afe131cf38c6817e4db1e3539e69b73471a455504e0397970fa}},'2026-11-26 01:17:57.695727');
INSERT INTO `images` VALUES ('5b7b5bb65131249d673a267d24e93dd317206555434880d9e2023f4502ec084e','avif',32,32,0x{{5b7b5bb65131249d673a267d24e93dd317206555434880d9e2023f4502ec084e}},'2026-11-26 01:17:36.904134');
INSERT INTO `images` VALUES ('624b33e5030ec6def0b1fe96448b0bed82b7bd307452f10c7662326fc956ca7b','webp',256,256,0x{{624b33e5030ec6def0b1fe96448b0bed82b7bd307452f10c7662326fc956ca7b}},'2026-11-26 01:17:54.680505');
INSERT INTO `images` VALUES ('627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf','png',1024,1024,0x{{627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf}},'2026-11-26 01:17:39.555935');
INSERT INTO `images` VALUES ('62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63','png',1024,1024,0x{{62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63}},'2026-11-26 01:17:38.287688');
INSERT INTO `images` VALUES ('68c31ecb38d0bd60c4c7f1e5182fa1c4efd802995959060983032a50f981407c','webp',256,256,0x{{68c31ecb38d0bd60c4c7f1e5182fa1c4efd802995959060983032a50f981407c}},'2026-11-26 01:17:36.500735');
INSERT INTO `images` VALUES ('838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef','svg',512,512,0x{{838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef}},'2026-11-26 01:19:06.019664');
INSERT INTO `images` VALUES ('8bcf82b0b55093da95bccd25fa516222a042b8e41337b02cfc97d92d9449bd62','webp',256,256,0x{{8bcf82b0b55093da95bccd25fa516222a042b8e41337b02cfc97d92d9449bd62}},'2026-11-26 01:17:40.095163');
INSERT INTO `images` VALUES ('9ca20aae0ffd83a6cbad3173f7b3098b9d1b7c54807d403310d9cc6397df87f0','webp',64,64,0x{{9ca20aae0ffd83a6cbad3173f7b3098b9d1b7c54807d403310d9cc6397df87f0}},'2026-11-26 01:17:53.678327');
INSERT INTO `images` VALUES ('a3059c4cd48026ca79a138d70c87326e5b9f8084e482dd8d948dbd24f9cf4fe0','webp',256,256,0x{{a3059c4cd48026ca79a138d70c87326e5b9f8084e482dd8d948dbd24f9cf4fe0}},'2026-11-26 01:17:56.723668');
INSERT INTO `images` VALUES ('a3a87dc72fd65be2c591d67e081ed5fcbc306575b8512b4fe559ba6024158308','png',1024,1024,0x{{a3a87dc72fd65be2c591d67e081ed5fcbc306575b8512b4fe559ba6024158308}},'2026-11-26 01:17:41.939410');
INSERT INTO `images` VALUES ('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4','png',1024,1024,0x{{aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4}},'2026-11-26 01:17:35.547006');
INSERT INTO `images` VALUES ('b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa','png',1024,1024,0x{{b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa}},'2026-11-26 01:17:56.269803');
INSERT INTO `images` VALUES ('b5680f8eee9bfa45d3b83294f3dfd684eed679e49defb69793661bdfa3222f42','webp',256,256,0x{{b5680f8eee9bfa45d3b83294f3dfd684eed679e49defb69793661bdfa3222f42}},'2026-11-26 01:17:38.848909');
INSERT INTO `images` VALUES ('c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c','png',1024,1024,0x{{c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c}},'2026-11-26 01:18:30.943360');
INSERT INTO `images` VALUES ('c4ee1ba2515579c8dc3d0135204da99b403885bcdcda5b4fd3de4961a2fb1307','webp',128,128,0x{{c4ee1ba2515579c8dc3d0135204da99b403885bcdcda5b4fd3de4961a2fb1307}},'2026-11-26 01:19:07.046398');
INSERT INTO `images` VALUES ('e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c','png',1024,1024,0x{{e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c}},'2026-11-26 01:17:57.339176');
INSERT INTO `images` VALUES ('e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be','png',1024,1024,0x{{e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be}},'2026-11-26 01:17:41.011680');
INSERT INTO `images` VALUES ('f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5','png',1024,1024,0x{{f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5}},'2026-11-26 01:17:53.307794');
INSERT INTO `images` VALUES ('f6bc6838faefff14598135077792fa13d6492b65454fbcb32938a140c962bf34','webp',256,256,0x{{f6bc6838faefff14598135077792fa13d6492b65454fbcb32938a140c962bf34}},'2026-11-26 01:17:41.483202');
/*!40000 ALTER TABLE `images` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `paid_calls` (
  `id` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject` varchar(32) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
  `provider` varchar(32) NOT NULL,
  `model` varchar(100) NOT NULL,
  `state` varchar(10) NOT NULL,
  `bound_micro_usd` bigint(20) NOT NULL,
  `cost_micro_usd` bigint(20) NOT NULL,
  `day` varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `month` varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `request_id` varchar(200) DEFAULT NULL,
  `outcome` varchar(50) DEFAULT NULL,
  `duration_ms` int(11) DEFAULT NULL,
  `reserved_at` datetime(6) NOT NULL,
  `ended_at` datetime(6) DEFAULT NULL,
  `payer` varchar(40) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `ix_paid_calls_state` (`state`,`reserved_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `paid_calls` WRITE;
/*!40000 ALTER TABLE `paid_calls` DISABLE KEYS */;
INSERT INTO `paid_calls` VALUES ('07b35fa1111e4d93996983a416d3f7b8',NULL,'openai','gpt-image-2.5-flare','settled',6010,5905,'2026-11-26','2026-11','req_10','drawn',48,'2026-11-26 01:17:54.152083','2026-11-26 01:17:54.284310','shop');
INSERT INTO `paid_calls` VALUES ('0c1a4f6c5fc84db087217df322b66c4a','k7a0aced8ef1dc3818615fd0b8e6fc63','openai','gpt-image-2.5-flare','unknown',5935,5935,'2026-11-26','2026-11',NULL,'RemoteProtocolError',18,'2026-11-26 01:17:59.943154','2026-11-26 01:18:00.034659','website');
INSERT INTO `paid_calls` VALUES ('1470e10760164e2e9798a0e614d09666','9618353c09d7e968d7bd8a302d3a9ceb','openai','gpt-image-2.5-flare','released',8760,0,'2026-11-26','2026-11','req_5','429 rate_limit_exceeded',119,'2026-11-26 01:17:40.535054','2026-11-26 01:17:40.724323','website');
INSERT INTO `paid_calls` VALUES ('16bf00d0488b4179ade45df5dd4e1352','c7cfe3954e6a623ab86ccf874a2581d2','openai','gpt-image-2.5-flare','settled',8750,6590,'2026-11-26','2026-11','req_15','no_picture',164,'2026-11-26 01:17:58.786450','2026-11-26 01:17:59.300510','shop');
INSERT INTO `paid_calls` VALUES ('1c918a280c734d1c895493e5d1d40798','9618353c09d7e968d7bd8a302d3a9ceb','openai','gpt-image-2.5-flare','settled',8760,6595,'2026-11-26','2026-11','req_6','drawn',15,'2026-11-26 01:17:40.951472','2026-11-26 01:17:41.056351','website');
INSERT INTO `paid_calls` VALUES ('4a0d5158411a479cad78b6893f4626c3',NULL,'openai','gpt-image-2.5-flare','settled',6070,5920,'2026-11-26','2026-11','req_11','drawn',34,'2026-11-26 01:17:55.179187','2026-11-26 01:17:55.305540','shop');
INSERT INTO `paid_calls` VALUES ('6e2570da81274c6cbc6925aa7cf61ad9','037332244527bf34823d0f9efc2ec4bb','openai','gpt-image-2.5-flare','settled',9530,6785,'2026-11-26','2026-11','req_2','drawn',30,'2026-11-26 01:17:37.039975','2026-11-26 01:17:37.143196','website');
INSERT INTO `paid_calls` VALUES ('78497afc20314cb088c213928513457a','1aedc26550f982c1020b384c90d1b8d8','openai','gpt-image-2.5-flare','released',8935,0,'2026-11-26','2026-11','req_14','400 moderation_blocked',76,'2026-11-26 01:17:58.112855','2026-11-26 01:17:58.232045','shop');
INSERT INTO `paid_calls` VALUES ('862ae95f10c24d25ac4a73c8b705c98a','k89ab4976342fe4e84077c5079e5271f','openai','gpt-image-2.5-flare','settled',6120,5930,'2026-11-26','2026-11','req_12','drawn',26,'2026-11-26 01:17:56.159248','2026-11-26 01:17:56.372413','website');
INSERT INTO `paid_calls` VALUES ('97d6aa6ae671428ea8e6aba8080a8029','81d9c1d6dfc3d0ff9249ae574bc7f73a','openai','gpt-image-2.5-flare','settled',8790,6600,'2026-11-26','2026-11','req_8','drawn',25,'2026-11-26 01:17:43.080878','2026-11-26 01:17:43.169871','shop');
INSERT INTO `paid_calls` VALUES ('a05ad5678c0740d184806a3a12ef1100','rc4aa044ced75b25ace9e0dc2080935f','openai','gpt-image-2.5-flare','settled',8885,6625,'2026-11-26','2026-11','req_17','drawn',3642,'2026-11-26 01:18:27.118707','2026-11-26 01:18:31.023298',NULL);
INSERT INTO `paid_calls` VALUES ('bccf32437311448e8865ec93f64176c6','bea6a62e44747cd24351508427c7a740','openai','gpt-image-2.5-flare','reserved',9060,0,'2026-11-26','2026-11',NULL,NULL,NULL,'2026-11-26 01:19:16.127368',NULL,'shop');
INSERT INTO `paid_calls` VALUES ('c2d8eb1dd75d435a83aadc12a25c9327','k2a4e75bc120d8d15931c07799925382','openai','gpt-image-2.5-flare','settled',9530,6785,'2026-11-26','2026-11','req_13','drawn',160,'2026-11-26 01:17:57.139800','2026-11-26 01:17:57.381460','shop');
INSERT INTO `paid_calls` VALUES ('d998a194b5f944b0a1e0f4b0302f9feb','c6f29ac1c0089ee10c10567a81e0ffbf','openai','gpt-image-2.5-flare','settled',8400,6505,'2026-11-26','2026-11','req_1','drawn',1398,'2026-11-26 01:17:34.046649','2026-11-26 01:17:35.604580','shop');
INSERT INTO `paid_calls` VALUES ('dad19a2a981a49e3a033ccedc340abb8','0d39b8079ddbb394b5bb71115fd486e6','openai','gpt-image-2.5-flare','reserved',8745,0,'2026-11-26','2026-11',NULL,NULL,NULL,'2026-11-26 01:19:15.258010',NULL,'shop');
INSERT INTO `paid_calls` VALUES ('de28caa1e3f442eab9b1ba039c2e3e11','0c4aa044ced75b25ace9e0dc2080935f','openai','gpt-image-2.5-flare','settled',8885,6625,'2026-11-26','2026-11','req_7','drawn',28,'2026-11-26 01:17:41.890949','2026-11-26 01:17:42.018961','shop');
INSERT INTO `paid_calls` VALUES ('e0a2a54604d64ac4a7087dc287a6db96','7052c57486f90d31841bc4ead3337510','openai','gpt-image-2.5-flare','released',8610,0,'2026-11-26','2026-11','req_16','400 invalid_value',25,'2026-11-26 01:17:59.643085','2026-11-26 01:17:59.701620','shop');
INSERT INTO `paid_calls` VALUES ('eded86a831b34e4a9081bedb8dfe529d','442da0e32e75115e202384f68610e189','openai','gpt-image-2.5-flare','settled',8795,6600,'2026-11-26','2026-11','req_4','drawn',14,'2026-11-26 01:17:39.434619','2026-11-26 01:17:39.623175','page');
INSERT INTO `paid_calls` VALUES ('f1812e7af22540b9afeb5c1fe282355a','0098c2feaa53f1cc090555a40091cfe1','openai','gpt-image-2.5-flare','settled',8995,6650,'2026-11-26','2026-11','req_3','drawn',20,'2026-11-26 01:17:38.203569','2026-11-26 01:17:38.381926','gravatar');
INSERT INTO `paid_calls` VALUES ('fc3ba240c2434b6bba03badb01ddc5d4','5593c14e0e4c41d7fef5694443423340','openai','gpt-image-2.5-flare','settled',9980,6900,'2026-11-26','2026-11','req_9','drawn',61,'2026-11-26 01:17:53.181050','2026-11-26 01:17:53.382426',NULL);
/*!40000 ALTER TABLE `paid_calls` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `refusals` (
  `subject` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `code` varchar(50) NOT NULL,
  `reason` varchar(200) NOT NULL,
  `refused_at` datetime(6) NOT NULL,
  `ends_at` datetime(6) NOT NULL,
  PRIMARY KEY (`subject`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `refusals` WRITE;
/*!40000 ALTER TABLE `refusals` DISABLE KEYS */;
INSERT INTO `refusals` VALUES ('1aedc26550f982c1020b384c90d1b8d8','refused','The image model refuses to draw this. Ask for something else.','2026-11-26 01:17:58.290295','2026-11-26 13:17:58.290295');
INSERT INTO `refusals` VALUES ('7052c57486f90d31841bc4ead3337510','provider_unavailable','The image provider is not available: it answered \'400 invalid_value\'. Try again later.','2026-11-26 01:17:59.743940','2026-11-26 01:17:59.743940');
INSERT INTO `refusals` VALUES ('c7cfe3954e6a623ab86ccf874a2581d2','provider_bad_answer','The image provider\'s answer cannot be used: it is no PNG, JPEG or WebP. Try again later.','2026-11-26 01:17:59.330322','2026-11-26 13:17:59.330322');
INSERT INTO `refusals` VALUES ('k7a0aced8ef1dc3818615fd0b8e6fc63','provider_unavailable','The image provider is not available: it answered \'RemoteProtocolError\'. Try again later.','2026-11-26 01:18:00.082902','2026-11-27 01:18:00.082902');
/*!40000 ALTER TABLE `refusals` ENABLE KEYS */;
UNLOCK TABLES;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `renditions` (
  `original` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `format` varchar(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `size` smallint(6) NOT NULL,
  `digest` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`original`,`format`,`size`),
  KEY `ix_renditions_digest` (`digest`),
  CONSTRAINT `fk_renditions_digest` FOREIGN KEY (`digest`) REFERENCES `images` (`digest`),
  CONSTRAINT `fk_renditions_original` FOREIGN KEY (`original`) REFERENCES `images` (`digest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `renditions` WRITE;
/*!40000 ALTER TABLE `renditions` DISABLE KEYS */;
INSERT INTO `renditions` VALUES ('1adea504121ebf33e802271d7370c369c63bd22a5a6a5b5dba1d2617a6c45fb1','webp',256,'18d07fcce501bffe5f7ae52530ed01e9e183c8a709db5612584d97aae178f1fa','2026-11-26 01:17:37.814673');
INSERT INTO `renditions` VALUES ('1fc1f9a6937f3eb12fca658d625bd9a15593132f1e2f78793f57f41a5d1c3168','webp',256,'624b33e5030ec6def0b1fe96448b0bed82b7bd307452f10c7662326fc956ca7b','2026-11-26 01:17:54.699200');
INSERT INTO `renditions` VALUES ('4aa8451cfccdfa21cd82015e35e8efaa1bed1f5d013e7bdd576ab63fac4b5991','webp',128,'33b2f596fa82c3451f13c4b40ac44405526b6118d392ff05a06a78bdaf14bfb8','2026-11-26 01:19:07.677249');
INSERT INTO `renditions` VALUES ('627d39af4d901178d1360a3499dc697d7e999201780a8a0072eb77a7c23044cf','webp',256,'8bcf82b0b55093da95bccd25fa516222a042b8e41337b02cfc97d92d9449bd62','2026-11-26 01:17:40.143544');
INSERT INTO `renditions` VALUES ('62bae6f4f014383b51801ea599aa83797fa8c8c879ef3c1e4d971793eb532d63','webp',256,'b5680f8eee9bfa45d3b83294f3dfd684eed679e49defb69793661bdfa3222f42','2026-11-26 01:17:38.916839');
INSERT INTO `renditions` VALUES ('838d913ba0ae7bbb2f18fbb04c6057f6c2b0a2e0d365ef0c1c0abb148cc2c4ef','webp',128,'c4ee1ba2515579c8dc3d0135204da99b403885bcdcda5b4fd3de4961a2fb1307','2026-11-26 01:19:07.079715');
INSERT INTO `renditions` VALUES ('a3a87dc72fd65be2c591d67e081ed5fcbc306575b8512b4fe559ba6024158308','webp',256,'479530ffa278c51b445dd0b920026e525a6599edf6ebc6465cf5f7223cb7ae12','2026-11-26 01:17:42.567687');
INSERT INTO `renditions` VALUES ('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4','avif',32,'5b7b5bb65131249d673a267d24e93dd317206555434880d9e2023f4502ec084e','2026-11-26 01:17:36.907275');
INSERT INTO `renditions` VALUES ('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4','jpeg',64,'41b863d172ac51abdc44dc7baebb3f7e6e234216331f18cfd231e3fab5479d77','2026-11-26 01:17:36.726444');
INSERT INTO `renditions` VALUES ('aa0f368b754fdf2066cccf416ad2bde6d2044c565c27528e8916942127eb2be4','webp',256,'68c31ecb38d0bd60c4c7f1e5182fa1c4efd802995959060983032a50f981407c','2026-11-26 01:17:36.504424');
INSERT INTO `renditions` VALUES ('b4a0ef7d7bc935833a5442b0ac27191ddf06da523caca699483000f962a027aa','webp',256,'a3059c4cd48026ca79a138d70c87326e5b9f8084e482dd8d948dbd24f9cf4fe0','2026-11-26 01:17:56.753871');
INSERT INTO `renditions` VALUES ('c0217e41876acd1199e24745172de8b523e6b6e4693e80ea10a069352cb2da5c','webp',256,'1002ffb6d760af5ff573d88cd6704c52f3c57c4a94a3f80adc8e405e93752033','2026-11-26 01:18:56.946419');
INSERT INTO `renditions` VALUES ('e1a6aaa8159d4c2649af9b871230fe52f2a83891263b557d24e58a19940dbd1c','webp',256,'593db22b153b9afe131cf38c6817e4db1e3539e69b73471a455504e0397970fa','2026-11-26 01:17:57.717198');
INSERT INTO `renditions` VALUES ('e85d2d60dd46be31ce8a250db6c540a456cea42c8e1bcd7a157f2a0642c998be','webp',256,'f6bc6838faefff14598135077792fa13d6492b65454fbcb32938a140c962bf34','2026-11-26 01:17:41.523342');
INSERT INTO `renditions` VALUES ('f235caa991c56767a15896465b373c67fd98a961d49b4b69a6d71f3ee5bd16f5','webp',64,'9ca20aae0ffd83a6cbad3173f7b3098b9d1b7c54807d403310d9cc6397df87f0','2026-11-26 01:17:53.697544');
/*!40000 ALTER TABLE `renditions` ENABLE KEYS */;
UNLOCK TABLES;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;
